/** A home and a project folder in a temporary place, with a real host; without git, which costs more than all else in a test. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Host } from "../src/host/index.ts";
import { nodeHost } from "../src/host/node/index.ts";

export type TestFolder = Disposable & {
  readonly host: Host;
  readonly folder: string;
  /** Not there yet. */
  readonly home: string;
  readonly root: string;
};

export function testFolder(within = tmpdir()): TestFolder {
  const folder = realpathSync(mkdtempSync(join(within, "okstra wörk 나무-")));
  const root = join(folder, "the project");
  mkdirSync(root);
  const env = { PATH: process.env["PATH"], HOME: folder, GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C" };
  return {
    host: nodeHost({ env, packageRoot: fileURLToPath(new URL("..", import.meta.url)) }),
    folder,
    home: join(folder, "okstra home"),
    root,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
