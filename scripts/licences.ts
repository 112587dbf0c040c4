/** Bundled code keeps its licence: collects the licence text of each package in the bundle into dist/third-party.txt. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Rolldown } from "tsdown";

export function licences(): Rolldown.Plugin {
  return {
    name: "third-party-licences",
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []));
      const packages = new Set(modules.flatMap((id) => packageFolder(id) ?? []));
      const texts = [...packages].sort().map(licenceOf);
      this.emitFile({ type: "asset", fileName: "third-party.txt", source: texts.join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}

function packageFolder(id: string): string | undefined {
  if (!id.includes("/node_modules/") || id.startsWith("\0")) return undefined;
  let folder = dirname(id);
  while (!existsSync(join(folder, "package.json")) || manifest(folder).name === undefined) folder = dirname(folder);
  return folder;
}

function licenceOf(folder: string): string {
  const { name, version, license } = manifest(folder);
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? "" : `\n${readFileSync(join(folder, file), "utf8")}`;
  return `${name} ${version} (${license})\n${text}`;
}

const manifest = (folder: string) =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    name?: string;
    version?: string;
    license?: string;
  };
