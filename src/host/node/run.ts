/**
 * A command run to its end. Its group and session end before this settles, however it ended, so that a command cannot leave
 * something running behind (what leaves the session too is found by its mark, by whoever set one).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fault } from "../../model/index.ts";
import type { Finished, RunSpec } from "../processes.ts";
import { endAll } from "./descendants.ts";
import { codeOf, fileFault } from "./errno.ts";
import { justStarted } from "./process-table.ts";
import { boundedText, type Exit, feed, finished } from "./streams.ts";

const defaultKeep = 1 << 20;
/** Between TERM and KILL when time is up, or for what a command left behind. */
const graceMs = 1000;

export async function run(spec: RunSpec): Promise<Finished> {
  if (spec.signal?.aborted) throw interrupted(spec);
  if (!existsSync(spec.cwd)) throw noFolder(spec.cwd);
  const started = performance.now();
  const [program, ...args] = spec.command;
  const child = spawn(program, args, {
    cwd: spec.cwd,
    env: { ...spec.env },
    stdio: [spec.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    detached: true,
  });
  const stdout = boundedText(spec.keepBytes ?? defaultKeep);
  const stderr = boundedText(spec.keepBytes ?? defaultKeep);
  child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
  const ended = await untilEnd(child, spec);
  const kept = { stdout: stdout.text(), stderr: stderr.text(), durationMs: performance.now() - started };
  if ("failure" in ended) {
    return { exitCode: ended.failure, signal: null, timedOut: false, ...kept, stderr: `${program}: ${ended.why}\n` };
  }
  return { exitCode: ended.exitCode, signal: ended.signal, timedOut: ended.timedOut, ...kept };
}

type Ended = (Exit & { readonly timedOut: boolean }) | { readonly failure: 126 | 127; readonly why: string };

async function untilEnd(child: ChildProcess, spec: RunSpec): Promise<Ended> {
  const ending = finished(child);
  // Node reaps a child only when its loop turns, so the child can still be read here even if it has ended.
  const self = child.pid === undefined ? undefined : justStarted(child.pid);
  let timedOut = false;
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= self === undefined ? Promise.resolve() : endAll([self], graceMs);
    // Reported below; until then nobody waits for it.
    stopping.catch(() => undefined);
  };
  const timeOut = (): void => {
    timedOut = true;
    stop();
  };
  const timer = spec.timeoutMs === undefined ? undefined : setTimeout(timeOut, spec.timeoutMs);
  spec.signal?.addEventListener("abort", stop, { once: true });
  // A grandchild may keep the pipes; it is ended as soon as the command itself has gone, not when the pipes close.
  child.once("exit", stop);
  if (spec.stdin !== undefined) feed(child, spec.stdin);
  try {
    const exit = await ending;
    stop();
    await stopping;
    if (spec.signal?.aborted) throw interrupted(spec);
    return { ...exit, timedOut };
  } catch (thrown) {
    return { ...unstartable(thrown, spec) };
  } finally {
    clearTimeout(timer);
    spec.signal?.removeEventListener("abort", stop);
  }
}

/** As a shell says it: 127 not there, 126 not to be executed. */
function unstartable(thrown: unknown, spec: RunSpec): { failure: 126 | 127; why: string } {
  switch (codeOf(thrown)) {
    case "ENOENT":
      return { failure: 127, why: "command not found" };
    case "EACCES":
    case "ENOEXEC":
      return { failure: 126, why: "cannot be executed" };
    default:
      throw fileFault(thrown, "run", spec.command[0]);
  }
}

export const noFolder = (cwd: string) =>
  fault("file-system", `Cannot run in ${cwd}: no such folder`, `Look at the path: ls -ld ${cwd}`, { path: cwd });

const interrupted = (spec: RunSpec) =>
  fault("interrupted", `Stopped while running ${spec.command[0]}`, "Run the command again", { command: spec.command });
