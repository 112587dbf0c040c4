/**
 * What a child prints, kept within bounds. A child counts as finished when it has exited and its streams have ended, or two
 * seconds after its exit: a grandchild that keeps a pipe open must not hold anybody up. Also then what lies in the pipes is read
 * first: a process that was kept busy all that time has not looked yet.
 */
import type { ChildProcess } from "node:child_process";
import { killGroup } from "./group.ts";

const streamGraceMs = 2000;

export type Exit = { readonly exitCode: number | null; readonly signal: string | null };

/** Settles after the exit and the end of the streams, or `graceMs` after the exit; rejects when it never started. */
export function finished(child: ChildProcess, graceMs = streamGraceMs): Promise<Exit> {
  return new Promise((settle, fail) => {
    let exit: Exit | undefined;
    let timer: NodeJS.Timeout | undefined;
    const done = (seen: Exit): void => {
      clearTimeout(timer);
      child.stdout?.destroy();
      child.stderr?.destroy();
      settle(seen);
    };
    child.once("error", (thrown) => {
      if (child.pid === undefined) fail(thrown);
    });
    child.once("exit", (exitCode, signal) => {
      exit = { exitCode, signal };
      const seen = exit;
      timer = setTimeout(() => whenQuiet(child, () => done(seen)), graceMs);
    });
    child.once("close", (exitCode, signal) => done(exit ?? { exitCode, signal }));
  });
}

/** More than a pipe holds: what comes after it was written after the exit. */
const mostInPipes = 1 << 20;

/** Calls after a look at the pipes that found nothing, or once more has come than the child can have left there. */
function whenQuiet(child: ChildProcess, call: () => void): void {
  let heard = 0;
  let before = -1;
  const hear = (chunk: Buffer): void => {
    heard += chunk.length;
  };
  const pipes = [child.stdout, child.stderr];
  const look = (): void => {
    if (heard === before || heard > mostInPipes) {
      for (const pipe of pipes) pipe?.off("data", hear);
      call();
      return;
    }
    before = heard;
    // Timers come before the pipes in a turn of the loop, and this after them.
    setImmediate(look);
  };
  for (const pipe of pipes) pipe?.on("data", hear);
  look();
}

/** Writes all of stdin and closes it; a child that does not read it is none of our business. */
export function feed(child: ChildProcess, stdin: string): void {
  child.stdin?.on("error", (thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== "EPIPE" && thrown.code !== "ECONNRESET" && thrown.code !== "ERR_STREAM_DESTROYED") throw thrown;
  });
  child.stdin?.end(stdin);
}

type CollectOptions = {
  readonly mostOutput: number;
  readonly stdin?: string;
  readonly enough?: (stdout: readonly Buffer[], bytes: number) => boolean;
  readonly timeoutMs?: number;
};

type Collected = Exit & {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly tooMuch: boolean;
  readonly enough: boolean;
};

/** Runs a child of a group of its own to its end and holds all it prints, up to a limit; beyond it the group is ended. */
export async function collect(child: ChildProcess, options: CollectOptions): Promise<Collected> {
  const stdout: Buffer[] = [];
  const stderr = boundedText(1 << 16);
  let bytes = 0;
  let tooMuch = false;
  let enough = false;
  // TERM, on which git removes its lock files.
  const endGroup = (): void => {
    if (child.pid !== undefined) killGroup(child.pid, "SIGTERM");
  };
  child.stdout?.on("data", (chunk: Buffer) => {
    if (tooMuch || enough) return;
    bytes += chunk.length;
    stdout.push(chunk);
    tooMuch = bytes > options.mostOutput;
    enough = !tooMuch && options.enough?.(stdout, bytes) === true;
    if (tooMuch || enough) endGroup();
  });
  child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
  const ending = finished(child);
  // What it left in its group (a hook's background job) ends with it, and lets go of the pipes.
  child.once("exit", endGroup);
  const timer = options.timeoutMs === undefined ? undefined : setTimeout(endGroup, options.timeoutMs);
  if (options.stdin !== undefined) feed(child, options.stdin);
  const exit = await ending.finally(() => clearTimeout(timer));
  return { ...exit, stdout: Buffer.concat(stdout), stderr: stderr.text(), tooMuch, enough };
}

/** Keeps the first and the last half of what it is given, in all at most `limit` bytes. */
export function boundedText(limit: number): { push(chunk: Buffer): void; text(): string } {
  const half = Math.max(1, Math.floor(limit / 2));
  const head: Buffer[] = [];
  let headBytes = 0;
  let tail: Buffer[] = [];
  let tailBytes = 0;
  let cut = 0;
  const trim = (): void => {
    const all = Buffer.concat(tail);
    cut += Math.max(0, all.length - half);
    tail = [Buffer.from(all.subarray(Math.max(0, all.length - half)))];
    tailBytes = tail[0]?.length ?? 0;
  };
  return {
    push(chunk) {
      const room = half - headBytes;
      const first = chunk.subarray(0, Math.max(0, room));
      if (first.length > 0) head.push(Buffer.from(first));
      headBytes += first.length;
      const rest = chunk.subarray(first.length);
      if (rest.length === 0) return;
      tail.push(rest);
      tailBytes += rest.length;
      // Trimmed only now and then, so that many small chunks stay cheap.
      if (tailBytes > 2 * half) trim();
    },
    text() {
      trim();
      const note = cut === 0 ? [] : [Buffer.from(`\n[... ${cut} bytes left out ...]\n`)];
      return Buffer.concat([...head, ...note, ...tail]).toString("utf8");
    },
  };
}
