/**
 * A command run to its end. Its group and session end before this settles, however it ended, so that a command cannot leave
 * something running behind (what leaves the session too is found by its mark, by whoever set one).
 */
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { fault } from "../../model/index.ts";
import type { Finished, RunSpec, Spawned } from "../processes.ts";
import { endAll } from "./descendants.ts";
import { codeOf, fileFault } from "./errno.ts";
import { start } from "./start.ts";
import { boundedText, type Exit, feed, finished } from "./streams.ts";

const defaultKeep = 1 << 20;
/** Between TERM and KILL when time is up, or for what a command left behind. */
const graceMs = 1000;

export async function run(spec: RunSpec): Promise<Finished> {
  if (spec.signal?.aborted) throw interrupted(spec);
  if (!existsSync(spec.cwd)) throw noFolder(spec.cwd);
  const started = performance.now();
  const { child, self } = start({ ...spec, stdio: [spec.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"] });
  const stdout = boundedText(spec.keepBytes ?? defaultKeep);
  const stderr = boundedText(spec.keepBytes ?? defaultKeep);
  child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
  if (spec.stdin !== undefined) feed(child, spec.stdin);
  const ended = self === undefined ? await whyNot(child, spec) : await untilEnd(child, self, spec);
  const said = "why" in ended ? `${spec.command[0]}: ${ended.why}\n` : "";
  return {
    exitCode: ended.exitCode,
    signal: ended.signal,
    timedOut: ended.timedOut,
    stdout: stdout.text(),
    stderr: stderr.text() + said,
    durationMs: performance.now() - started,
  };
}

type Ended = Exit & { readonly timedOut: boolean };

async function untilEnd(child: ChildProcess, self: Spawned, spec: RunSpec): Promise<Ended> {
  let timedOut = false;
  let stopping: Promise<unknown> | undefined;
  const stop = (): void => {
    stopping ??= endAll([self], graceMs);
    // Awaited below; until then nobody listens.
    stopping.catch(() => undefined);
  };
  const timeOut = (): void => {
    timedOut = true;
    stop();
  };
  const timer = spec.timeoutMs === undefined ? undefined : setTimeout(timeOut, spec.timeoutMs);
  spec.signal?.addEventListener("abort", stop, { once: true });
  // A grandchild may keep the pipes: what is left is ended when the command has gone, not when the pipes close.
  child.once("exit", stop);
  try {
    const exit = await finished(child);
    await stopping;
    if (spec.signal?.aborted) throw interrupted(spec);
    return { ...exit, timedOut };
  } finally {
    clearTimeout(timer);
    spec.signal?.removeEventListener("abort", stop);
  }
}

/** Why the program did not start, as a shell says it: 127 not there, 126 not to be executed. */
async function whyNot(child: ChildProcess, spec: RunSpec): Promise<Ended & { readonly why: string }> {
  const thrown = await finished(child).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  switch (codeOf(thrown)) {
    case "ENOENT":
      return { exitCode: 127, signal: null, timedOut: false, why: "command not found" };
    case "EACCES":
    case "ENOEXEC":
      return { exitCode: 126, signal: null, timedOut: false, why: "cannot be executed" };
    default:
      throw fileFault(thrown, "run", spec.command[0]);
  }
}

export const noFolder = (cwd: string) =>
  fault("file-system", `Cannot run in ${cwd}: no such folder`, `Look at the path: ls -ld ${cwd}`, { path: cwd });

const interrupted = (spec: RunSpec) =>
  fault("interrupted", `Stopped while running ${spec.command[0]}`, "Run the command again", { command: spec.command });
