/** Real processes that begin at the same moment, for what must hold between them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsdown";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a worker of test/workers once for each list of arguments; all wait for the last to be ready. Throws unless all exit 0. */
export async function race(worker: string, argumentLists: readonly (readonly string[])[]): Promise<void> {
  const folder = await bundled(worker);
  const children = argumentLists.map((given) => {
    const child = spawn(process.execPath, [join(folder, `${worker}.js`), ...given], { cwd: root });
    const said = { errors: "" };
    child.stderr.on("data", (chunk: Buffer) => (said.errors += chunk.toString()));
    return { child, said, ended: once(child, "exit"), ready: once(child.stdout, "data") };
  });
  try {
    await Promise.all(
      children.map(({ ready, ended, said }) => Promise.race([ready, ended.then(() => fail(said.errors))])),
    );
    for (const { child } of children) child.stdin.write("go\n");
    for (const { ended, said } of children) if ((await ended)[0] !== 0) fail(said.errors);
  } finally {
    for (const { child } of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

/** One file starts in a third of the time that twenty take which are compiled as they are imported. In the tree, so that koffi is found. */
export async function bundled(...workers: readonly string[]): Promise<string> {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache", "worker-"));
  await build({
    config: false,
    entry: Object.fromEntries(workers.map((name) => [name, join(root, "test", "workers", `${name}.ts`)])),
    outDir: folder,
    format: "esm",
    platform: "node",
    target: "es2022",
    fixedExtension: false,
    dts: false,
    deps: { neverBundle: ["koffi"], onlyBundle: false },
    logLevel: "silent",
  });
  return folder;
}

function fail(errors: string): never {
  throw new Error(`a worker failed: ${errors}`);
}
