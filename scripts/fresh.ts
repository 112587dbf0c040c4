/**
 * Brings src/generated and dist up to date with the sources, and does nothing when they are. Tests run the built program,
 * so what they test must be what was last written. Old chunks stay: a program that is running may still import them.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const tool = (name: string): string => join(root, "node_modules/.bin", name);

const stamp = ".cache/generated";

export function freshen(): void {
  const told = listed("src").filter((path) => /^src\/(model|cli)\//.test(path) || path.endsWith(".schema.ts"));
  if (!existsSync(join(root, "src/generated")) || newest([...told, ...listed("scripts")]) > time(stamp)) {
    const started = new Date();
    execFileSync(tool("tsx"), ["scripts/generate.ts"], { cwd: root, stdio: "inherit" });
    mkdirSync(join(root, ".cache"), { recursive: true });
    writeFileSync(join(root, stamp), started.toISOString());
  }
  const sources = [...listed("src"), "src", "scripts/licences.ts", "tsdown.config.ts", "package.json"];
  if (newest(sources) > time("dist/main.js")) {
    execFileSync(tool("tsdown"), ["--no-clean"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  }
}

/** Files and folders: a folder's time tells of deletions. Tests are in no bundle. */
const listed = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path}`)
    .filter((path) => !path.endsWith(".test.ts"));

const time = (path: string): number => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;

const newest = (paths: readonly string[]): number => Math.max(...paths.map(time));
