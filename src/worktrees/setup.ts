/** Runs a project's set-up commands in a filled tree, one after the other, then its readiness check; their output is kept in one log. */
import type { Finished, Host } from "../host/index.ts";
import { fault } from "../model/index.ts";
import { blotOut } from "./secrets.ts";

/** Turns a command into one that is confined: set-up may run code that an agent wrote. */
export type Confine = (command: readonly [string, ...string[]], cwd: string) => Promise<readonly [string, ...string[]]>;

export type SetupAsk = {
  readonly commands: readonly string[];
  readonly ready: string | null;
  readonly path: string;
  /** The whole environment of the commands. */
  readonly env: Readonly<Record<string, string>>;
  readonly logPath: string;
  /** For each command; default ten minutes. */
  readonly timeoutMs?: number;
  readonly confine?: Confine;
  /** Asked once a command has ended: what its network kept it from, for the log; null for nothing. */
  readonly kept?: (command: string) => Promise<string | null>;
  /** Blotted out of the log. */
  readonly secrets: readonly string[];
};

const usualLimitMs = 10 * 60_000;

/** Throws `setup-failed` at the first command that does not exit 0, the check included, with the end of the log. */
export async function runSetup(host: Host, ask: SetupAsk): Promise<void> {
  const limit = ask.timeoutMs ?? usualLimitMs;
  let log = "";
  const all = [...ask.commands.map((text) => ({ text, isCheck: false })), ...checkOf(ask)];
  for (const one of all) {
    const command = ["sh", "-c", one.text] as const;
    const done = await host.processes.run({
      command: (await ask.confine?.(command, ask.path)) ?? command,
      cwd: ask.path,
      env: ask.env,
      timeoutMs: limit,
    });
    const kept = (await ask.kept?.(one.text)) ?? null;
    log += `$ ${one.text}\n${done.stdout}${done.stderr}[${ending(done, limit)}]\n${kept === null ? "" : `[${kept}]\n`}`;
    const shown = blotOut(log, ask.secrets);
    await host.files.replaceFile(ask.logPath, shown);
    if (done.exitCode !== 0) throw setupFailed(ask, one, { how: ending(done, limit), log: shown });
  }
}

type Asked = { readonly text: string; readonly isCheck: boolean };

const checkOf = ({ ready }: SetupAsk): readonly Asked[] => (ready === null ? [] : [{ text: ready, isCheck: true }]);

function ending(done: Finished, limitMs: number): string {
  if (done.timedOut) return `stopped after ${Math.round(limitMs / 1000)} s`;
  return done.exitCode === null ? `ended by ${done.signal ?? "a signal"}` : `exit ${done.exitCode}`;
}

function setupFailed(ask: SetupAsk, { text: command, isCheck }: Asked, { how, log }: { how: string; log: string }) {
  const tail = log.trimEnd().split("\n").slice(-15).join("\n");
  return fault(
    "setup-failed",
    isCheck
      ? `The worktree is not ready: "${command}" says so (${how}):\n${tail}`
      : `The set-up command "${command}" failed (${how}):\n${tail}`,
    `Read ${ask.logPath}, correct ${isCheck ? "worktreeReady, worktreeSetup" : "worktreeSetup"} or the project, and run the command again`,
    { command, ending: how, logPath: ask.logPath, tail },
  );
}
