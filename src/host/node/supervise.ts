/**
 * A supervised child: stdin written and closed, stdout cut into lines and kept raw in a log, stderr handed on in bounded
 * pieces, and a way to end it with all it started. If this process dies the child lives on (nothing here could prevent it
 * after SIGKILL); whoever resumes finds it by its mark in the environment and ends it.
 */
import type { ChildProcess, ChildProcessWithoutNullStreams } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { fault } from "../../model/index.ts";
import type { Child, Spawned, SuperviseSpec } from "../processes.ts";
import { endAll } from "./descendants.ts";
import { codeOf, fileFault } from "./errno.ts";
import { writeAll } from "./files-parts.ts";
import { withFolder } from "./folders.ts";
import { killGroup } from "./group.ts";
import { lineCutter } from "./lines.ts";
import { redactedLog } from "./redacted-log.ts";
import { noFolder } from "./run.ts";
import { start } from "./start.ts";
import { type Exit, feed, finished } from "./streams.ts";

const defaultLine = 4 << 20;
/** Of stderr no more than this is handed on in all. */
const mostStderr = 1 << 20;

/** The variable whose value marks all processes of one dispatch. */
const markName = "OKSTRA_DISPATCH";

export async function supervise(spec: SuperviseSpec): Promise<Child> {
  if (!existsSync(spec.cwd)) throw noFolder(spec.cwd);
  const log = openLog(spec.logPath, spec.redact);
  const [program] = spec.command;
  const { child, self } = startOr(log.close, spec);
  const ending = finished(child);
  const cutter = lineCutter(spec.maxLineBytes ?? defaultLine, spec.onLine);
  child.stdout.on("data", (chunk: Buffer) => {
    log.write(chunk);
    cutter.push(chunk);
  });
  handOn(child.stderr, spec.onStderr);
  feed(child, spec.stdin);
  if (self === undefined) {
    log.close();
    throw await notStarted(ending, program);
  }
  // A full disk must not go unnoticed: the child is ended and the failure stands in `exited`.
  log.failed.catch(() => killGroup(self.pid, "SIGKILL"));
  const exited = settleChild(ending, log, () => cutter.end());
  exited.catch(() => undefined);
  return { ...self, exited, end: (graceMs) => end(self, exited, { graceMs, mark: markOf(spec.env) }) };
}

/** The child with its three pipes; when the system refuses to start it, what was opened for it is closed. */
function startOr(
  undo: () => void,
  spec: SuperviseSpec,
): { child: ChildProcessWithoutNullStreams; self: Spawned | undefined } {
  try {
    const { child, self } = start({ ...spec, stdio: ["pipe", "pipe", "pipe"] });
    if (hasPipes(child)) return { child, self };
    throw new Error("a child was started without its pipes");
  } catch (thrown) {
    undo();
    throw thrown;
  }
}

const hasPipes = (child: ChildProcess): child is ChildProcessWithoutNullStreams =>
  child.stdin !== null && child.stdout !== null && child.stderr !== null;

async function end(
  self: Spawned,
  exited: Promise<Exit>,
  how: { graceMs: number; mark: string | undefined },
): Promise<number> {
  const found = await endAll([self], how.graceMs, how.mark);
  await exited.catch(() => undefined);
  return found;
}

const markOf = (env: Readonly<Record<string, string>>): string | undefined => {
  const value = env[markName];
  return value === undefined || value === "" ? undefined : `${markName}=${value}`;
};

async function settleChild(ending: Promise<Exit>, log: Log, lastLine: () => void): Promise<Exit> {
  const exit = await ending;
  lastLine();
  log.close();
  return exit;
}

async function notStarted(ending: Promise<Exit>, program: string): Promise<unknown> {
  try {
    await ending;
    return new Error(`${program} has no pid and did not fail`);
  } catch (thrown) {
    if (!["ENOENT", "EACCES", "ENOEXEC"].includes(codeOf(thrown) ?? "")) return fileFault(thrown, "run", program);
    return fault(
      "agent-missing",
      `${program} cannot be started: ${codeOf(thrown) === "ENOENT" ? "not found" : "not executable"}`,
      `Install it, or name another agent; see whether it runs: ${program} --version`,
      { program },
      thrown,
    );
  }
}

type Log = {
  /** Rejects once when the log cannot be written. Never settles otherwise. */
  readonly failed: Promise<never>;
  /** What goes before what is still to come; keys are taken out. */
  write(chunk: Buffer): void;
  /** Ends the log; throws what went wrong with it. */
  close(): void;
};

/**
 * Written at once, not handed to a stream: a chunk that waited for its turn would outlive the young generation, and twenty agents would
 * hold tens of megabytes until the next full collection.
 */
function openLog(path: string, redact: ((text: string) => string) | undefined): Log {
  const fd = opened(path);
  const cleaned = redact === undefined ? undefined : redactedLog(redact);
  let broken: unknown;
  let fail: (thrown: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  const put = (bytes: Buffer): void => {
    if (broken !== undefined) return;
    try {
      writeAll(fd, bytes);
    } catch (thrown) {
      broken = fileFault(thrown, "write", path);
      fail(broken);
    }
  };
  return {
    failed,
    write: (chunk) => put(cleaned?.push(chunk) ?? chunk),
    close() {
      if (cleaned !== undefined) put(cleaned.end());
      closeSync(fd);
      // Its number may be another file's from now on.
      const late = broken;
      broken ??= "closed";
      if (late !== undefined) throw late;
    },
  };
}

function opened(path: string): number {
  try {
    return withFolder(path, () => openSync(path, "a", 0o600)).value;
  } catch (thrown) {
    throw fileFault(thrown, "write", path);
  }
}

function handOn(from: Readable, onText: (text: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let left = mostStderr;
  from.on("data", (chunk: Buffer) => {
    if (left <= 0) return;
    const text = decoder.write(chunk.subarray(0, left));
    left -= chunk.length;
    if (text !== "") onText(text);
    if (left <= 0) onText("\n[the rest of stderr is left out]\n");
  });
}
