/**
 * `npm run generate`: writes schemas/ and src/generated/ from the zod schemas, help and reference from the command table; touches
 * only what differs.
 * `npm run generate -- --check`: writes nothing and fails when schemas/ or docs/reference/ is not what the code says.
 */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { helpFiles, referenceFiles } from "./help.ts";
import { type Planned, plan } from "./schemas/plan.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Files whose text differs, and files of the folder that nothing declares any more. */
async function differences(folder: string, planned: readonly Planned[]) {
  const there = await readdir(join(root, folder)).catch(() => []);
  const texts = await Promise.all(planned.map(({ path }) => readFile(join(root, path), "utf8").catch(() => undefined)));
  return {
    changed: planned.filter(({ text }, index) => texts[index] !== text),
    stray: there.map((name) => `${folder}/${name}`).filter((path) => !planned.some((file) => file.path === path)),
  };
}

async function write(folder: string, planned: readonly Planned[]): Promise<void> {
  const { changed, stray } = await differences(folder, planned);
  for (const { path, text } of changed) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  for (const path of stray) await rm(join(root, path), { recursive: true });
}

const { published, generated } = await plan(root);
if (process.argv.includes("--check")) {
  const found = [await differences("schemas", published), await differences("docs/reference", referenceFiles())];
  const stale = found.flatMap(({ changed, stray }) => [...changed.map(({ path }) => path), ...stray]);
  if (stale.length > 0) {
    console.error(`Not what the code says: ${stale.join(", ")}\nTo write them anew: npm run generate`);
    process.exitCode = 1;
  }
} else {
  await write("src/generated", [...generated(), ...helpFiles()]);
  await write("schemas", published);
  await write("docs/reference", referenceFiles());
}
