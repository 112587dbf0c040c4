/**
 * What a row works with: folders of its own, small processes that measure, and whole programs timed from a small process (a
 * parent with much memory starts children slowly, and the loader of TypeScript has much).
 */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "tsdown";
import { asciiOnly } from "../scripts/ascii.ts";
import { builtinsByNeed } from "../scripts/builtins.ts";
import type { Line } from "./line.ts";
import type { Ended, Order } from "./workers/timer.ts";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const okstra = join(root, "dist", "main.js");

export type Bench = AsyncDisposable & {
  /** On tmpfs where there is one. */
  readonly folder: string;
  /** Where a durable write reaches a disk. */
  readonly disk: string;
  readonly large: boolean;
  /** Runs a program to its end; its milliseconds. Throws unless it exits 0. */
  time(order: Order): Promise<number>;
  /** Runs a worker of bench/workers to its end: what it is given and what it says are JSON. */
  work<T>(worker: string, given: unknown): Promise<T>;
  /** The bundled worker, to be started otherwise. */
  script(worker: string): string;
};

export type Row = { readonly name: string; readonly measure: (bench: Bench) => Promise<readonly Line[]> };

export async function openBench(large: boolean): Promise<Bench> {
  mkdirSync(join(root, ".cache"), { recursive: true });
  // In the tree, so that koffi is found.
  const scripts = mkdtempSync(join(root, ".cache", "bench-"));
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "okstra-bench-")));
  const disk = join(scripts, "disk");
  mkdirSync(disk);
  await bundle(scripts);
  const script = (worker: string): string => join(scripts, `${worker}.js`);
  const timer = fork(script("timer"), { execArgv: [] });
  return {
    folder,
    disk,
    large,
    script,
    time: (order) => ask(timer, order),
    work: (worker, given) => run(script(worker), given),
    [Symbol.asyncDispose]: async () => {
      timer.disconnect();
      for (const path of [scripts, folder]) rmSync(path, { recursive: true, force: true });
    },
  };
}

/** One file starts faster than many that are compiled as they are imported. */
async function bundle(folder: string): Promise<void> {
  const files = readdirSync(join(root, "bench/workers")).filter((name) => name.endsWith(".ts"));
  await build({
    config: false,
    entry: Object.fromEntries(files.map((name) => [name.slice(0, -3), join(root, "bench/workers", name)])),
    outDir: folder,
    clean: false,
    format: "esm",
    platform: "node",
    target: "es2022",
    // As dist/ is made (tsdown.config.ts).
    treeshake: { moduleSideEffects: ["**/bench/workers/*"] },
    plugins: [builtinsByNeed(/\/(?:src|bench\/workers)\/.*\.ts$/), asciiOnly()],
    fixedExtension: false,
    dts: false,
    deps: { neverBundle: ["koffi"], onlyBundle: false },
    logLevel: "silent",
  });
}

async function ask(timer: ChildProcess, order: Order): Promise<number> {
  const ended = await new Promise<Ended>((settle, fail) => {
    timer.once("message", (said) => settle(said as Ended));
    timer.send(order, (error) => error !== null && fail(error));
  });
  if (ended.failed === null) return ended.ms;
  throw new Error(`${order.command.join(" ")}: ${ended.failed}`);
}

async function run<T>(script: string, given: unknown): Promise<T> {
  const child = spawn(process.execPath, [script, JSON.stringify(given)], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((settle, fail) => child.once("close", settle).once("error", fail));
  const said = await text(child.stdout);
  const code = await ended;
  if (code !== 0) throw new Error(`${script} ended with ${String(code)}`);
  return JSON.parse(said) as T;
}
