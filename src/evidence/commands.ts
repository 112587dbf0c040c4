/**
 * A command that the engine runs itself. What counts is what happened: exit code, what the output says about tests, and a
 * log that a person can read. A command that fails is a result, never a fault.
 */
import { createHash } from "node:crypto";
import { type Finished, type Host, isoTime } from "../host/index.ts";
import type { CommandRun } from "../report/report.schema.ts";
import { outcomeOf } from "./command-outcome.ts";

export type CommandAsk = {
  /** What reports call it: `test`, `stage-1-post-1`. */
  readonly name: string;
  /** A line for `/bin/sh -c`. */
  readonly command: string;
  readonly cwd: string;
  /** The commit that `cwd` holds, null where there is no repository. */
  readonly commit: string | null;
  /** The whole environment. The folders that HOME and TMPDIR name are made if they are missing. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** The output goes here, secrets taken out. */
  readonly logPath: string;
  /** Values that must not stand in the log; shorter than six characters they are left. */
  readonly secrets?: readonly string[];
  /** Takes more out of the log, such as what has the shape of a key. */
  readonly redact?: (text: string) => string;
  /** Wraps the command so that it runs confined; `sandbox` is what reports say of it. */
  readonly confine?: (command: readonly [string, ...string[]], cwd: string) => Promise<readonly [string, ...string[]]>;
  readonly sandbox?: string;
  /** Asked once the command has ended: what its network kept it from, for the log; null for nothing. */
  readonly kept?: (command: string) => Promise<string | null>;
  readonly signal?: AbortSignal;
};

/** Head and tail of each stream that are kept for the log. */
const keptBytes = 1 << 20;

/** Runs the command to its end. Faults: `file-system` when `cwd` is gone, `interrupted`, and what writing the log may give. */
export async function runCommand(host: Host, ask: CommandAsk): Promise<CommandRun> {
  for (const folder of [ask.env["HOME"], ask.env["TMPDIR"]]) {
    if (folder !== undefined && folder !== "") await host.files.makeFolder(folder, { mode: 0o700 });
  }
  const plain = ["/bin/sh", "-c", ask.command] as const;
  const at = isoTime(host.clock);
  const done = await host.processes.run({
    command: (await ask.confine?.(plain, ask.cwd)) ?? plain,
    cwd: ask.cwd,
    env: ask.env,
    stdin: "",
    timeoutMs: ask.timeoutMs,
    keepBytes: keptBytes,
    ...(ask.signal === undefined ? {} : { signal: ask.signal }),
  });
  const output = `${done.stdout}\n${done.stderr}`;
  const kept = (await ask.kept?.(ask.command)) ?? null;
  await host.files.replaceFile(ask.logPath, clean(logOf(ask, at, { done, kept }), ask));
  return {
    name: ask.name,
    command: ask.command,
    at,
    commit: ask.commit,
    exitCode: done.timedOut ? null : done.exitCode,
    outcome: outcomeOf({ exitCode: done.exitCode, timedOut: done.timedOut, output }),
    durationMs: Math.round(done.durationMs),
    log: ask.logPath,
    sandbox: ask.sandbox ?? "none",
  };
}

/** A name for the command's log that no other command of the run has: the name and a hash of the command. */
export const logName = (name: string, command: string): string =>
  `${name}-${createHash("sha256").update(command).digest("hex").slice(0, 8)}`;

type Ended = { readonly done: Finished; readonly kept: string | null };

function logOf(ask: CommandAsk, at: string, { done, kept }: Ended): string {
  const parts = [
    `$ ${ask.command}`,
    `# at ${at} in ${ask.cwd}${ask.commit === null ? "" : `, commit ${ask.commit}`}`,
    done.stdout.trimEnd(),
  ];
  if (done.stderr.trim() !== "") parts.push("# standard error", done.stderr.trimEnd());
  if (kept !== null) parts.push(`# ${kept}`);
  return `${[...parts, `# ${ending(ask, done)}`].filter((part) => part !== "").join("\n")}\n`;
}

function ending(ask: CommandAsk, done: Finished): string {
  const after = `after ${Math.round(done.durationMs)} ms`;
  if (done.timedOut) return `ended ${after}: over its limit of ${ask.timeoutMs} ms`;
  return done.exitCode === null ? `ended by ${done.signal ?? "a signal"} ${after}` : `exit ${done.exitCode} ${after}`;
}

function clean(text: string, { secrets, redact }: CommandAsk): string {
  const known = [...(secrets ?? [])].filter((secret) => secret.length >= 6).sort((a, b) => b.length - a.length);
  const without = known.reduce((left, secret) => left.replaceAll(secret, "[redacted]"), text);
  return redact === undefined ? without : redact(without);
}
