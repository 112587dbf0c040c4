/**
 * One git call: fixed settings, clean environment, exit code and bytes back. What must stay true: nothing of a surrounding
 * git (GIT_DIR, GIT_INDEX_FILE, GIT_CONFIG_PARAMETERS in a hook) reaches ours; the user's own configuration holds; git is
 * never asked anything on a terminal; what it prints is never parsed as prose.
 */
import { basename, dirname } from "node:path";
import { fault, shellWord } from "../../model/index.ts";
import { freeSpace, isDiskFull } from "./disk-full.ts";
import { codeOf } from "./errno.ts";
import { start } from "./start.ts";
import { collect } from "./streams.ts";

export type GitResult = { readonly exitCode: number; readonly stdout: Buffer; readonly stderr: string };

export type GitAsk = {
  /** The folder git works in (`-C`). */
  readonly at: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Only looks: git then takes no optional locks. */
  readonly reads?: boolean;
  /** Extra `-c name=value`. */
  readonly config?: readonly string[];
  /** Ends git early once this much was printed; the caller has enough. */
  readonly enough?: (stdout: readonly Buffer[], bytes: number) => boolean;
  /** Ends git (its group, by TERM) after this long. For what runs the project's hooks. */
  readonly timeoutMs?: number;
};

/** A git with an environment of its own; the one door to the program. */
export type GitCaller = {
  /** Runs; any exit code comes back. Throws `git-missing` when there is no git, `git-failed` when it prints too much. */
  call(ask: GitAsk): Promise<GitResult>;
  /** The same, but any exit code other than 0 and those in `also` is a fault `git-failed`. */
  must(ask: GitAsk, also?: readonly number[]): Promise<GitResult>;
};

/** More than this is refused rather than held. */
const mostOutput = 64 * 1024 * 1024;

const fixedSettings = ["gc.auto=0", "core.fsmonitor=false", "core.quotepath=false", "maintenance.auto=false"];

export function gitCaller(
  env: Readonly<Record<string, string | undefined>>,
  mark: () => Readonly<Record<string, string>> = () => ({}),
): GitCaller {
  let base: Readonly<Record<string, string>> | undefined;
  return callerBy((ask) => {
    base ??= { ...gitEnvironment(env), ...mark() };
    return spawnGit(ask, base);
  });
}

/** The same, for a folder of hooks; a call that names one of its own keeps that. */
export const withHooks = (git: GitCaller, folder: string): GitCaller =>
  callerBy((ask) => git.call({ ...ask, config: [`core.hooksPath=${folder}`, ...(ask.config ?? [])] }));

function callerBy(call: GitCaller["call"]): GitCaller {
  return {
    call,
    async must(ask, also = []) {
      const seen = await call(ask);
      if (seen.exitCode === 0 || also.includes(seen.exitCode)) return seen;
      // The hook of a push is the one whose words git leaves on stdout.
      const words =
        verbOf(ask.args) === "push" ? `${seen.stdout.toString("utf8").trim()}\n${seen.stderr}` : seen.stderr;
      throw gitFault(ask, { exitCode: seen.exitCode, stderr: words });
    },
  };
}

/** The fault for a call that failed, with git's own words. */
export function gitFault(ask: Pick<GitAsk, "args" | "at">, seen: { exitCode: number; stderr: string }) {
  const said = seen.stderr.trim();
  const shown = said === "" ? `exit code ${seen.exitCode}` : said.length > 2000 ? `${said.slice(0, 2000)} ...` : said;
  const message = `git ${verbOf(ask.args)} failed in ${ask.at}`;
  const details = { args: ask.args, at: ask.at, exitCode: seen.exitCode };
  if (isDiskFull(ask.at, said)) return fault("disk-full", `${message}: no space left (${shown})`, freeSpace, details);
  return fault("git-failed", `${message}: ${shown}`, remedyFor(said, ask.at), details);
}

/** For commands that do not know --end-of-options: a revision must not read as an option. */
export function assertRevision(revision: string): void {
  if (revision === "" || revision.startsWith("-")) throw new Error(`not a revision: "${revision}"`);
}

/** The sub-command without its options and settings, for messages. */
function verbOf(args: readonly string[]): string {
  const words = args.filter((arg, index) => !arg.startsWith("--") && arg !== "-c" && args[index - 1] !== "-c");
  return words.slice(0, words[0] === "worktree" ? 2 : 1).join(" ");
}

/** Only the hint looks at words; what is done never depends on them. */
function remedyFor(said: string, at: string): string {
  if (said.includes("dubious ownership"))
    return `If the folder is trusted: git config --global --add safe.directory ${shellWord(at)}`;
  if (said.includes(".lock': File exists"))
    return "Wait until the other git command has ended, or remove the lock file git names when none runs; then run the command again";
  const file = /failed to read (\S.*worktrees\/[^/\n]+\/commondir)/.exec(said)?.[1];
  if (file !== undefined)
    return `Git was stopped while it wrote that file. When no git runs, write it again: (cd ${shellWord(at)} && echo ../.. > ${shellWord(file)})`;
  return "Correct what git says, then run the command again";
}

async function spawnGit(ask: GitAsk, base: Readonly<Record<string, string>>): Promise<GitResult> {
  const settings = [...fixedSettings, ...(ask.config ?? [])].flatMap((setting) => ["-c", setting]);
  // In a group of its own: a Ctrl-C meant for okstra must not end git in the middle of a write.
  const { child } = start({
    command: ["git", "--no-pager", ...settings, "-C", fromWorktree(ask.at), ...ask.args],
    // -C decides; the folder of this process may be gone.
    cwd: "/",
    env: { ...base, ...(ask.reads ? { GIT_OPTIONAL_LOCKS: "0" } : {}), ...ask.env },
    stdio: [ask.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  try {
    const seen = await collect(child, { mostOutput, ...pick(ask) });
    if (seen.tooMuch) {
      throw fault(
        "git-failed",
        `git ${verbOf(ask.args)} in ${ask.at} printed more than ${mostOutput / 1024 / 1024} MiB`,
        "Ask for less: name paths, or leave the large files out of git",
        { args: ask.args, at: ask.at },
      );
    }
    return { exitCode: seen.exitCode ?? (seen.enough ? 0 : 128), stdout: seen.stdout, stderr: seen.stderr };
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT" && codeOf(thrown) !== "EACCES") throw thrown;
    throw gitMissing("git is not on the PATH");
  }
}

/** A repository of another owner is trusted by the name of its worktree (`safe.directory`), not by that of the `.git` in it. */
const fromWorktree = (at: string): string => (basename(at) === ".git" ? dirname(at) : at);

const pick = (ask: GitAsk) => ({
  ...(ask.stdin === undefined ? {} : { stdin: ask.stdin }),
  ...(ask.enough === undefined ? {} : { enough: ask.enough }),
  ...(ask.timeoutMs === undefined ? {} : { timeoutMs: ask.timeoutMs }),
});

export const gitMissing = (message: string) =>
  fault("git-missing", message, "Install git 2.38 or newer and see that `git --version` runs in this shell", {
    needs: "2.38",
  });

/** Of git's own variables only these pass; all others name a repository, an index or an output format that is not ours. */
const passed = new Set([
  "GIT_ASKPASS",
  "GIT_AUTHOR_DATE",
  "GIT_AUTHOR_EMAIL",
  "GIT_AUTHOR_NAME",
  "GIT_CEILING_DIRECTORIES",
  "GIT_COMMITTER_DATE",
  "GIT_COMMITTER_EMAIL",
  "GIT_COMMITTER_NAME",
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_NOSYSTEM",
  "GIT_CONFIG_SYSTEM",
  "GIT_EXEC_PATH",
  "GIT_SSH",
  "GIT_SSH_COMMAND",
  "GIT_SSL_CAINFO",
  "GIT_TEMPLATE_DIR",
]);

export function gitEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || name === "LANGUAGE" || name.startsWith("LC_")) continue;
    if (name.startsWith("GIT_") && !passed.has(name)) continue;
    kept[name] = value;
  }
  // A commit is what its id names: `git replace` shows another in its place, and an agent can plant one.
  const plain = { GIT_NO_REPLACE_OBJECTS: "1", GIT_TERMINAL_PROMPT: "0", GIT_EDITOR: "true", GIT_MERGE_AUTOEDIT: "no" };
  return { ...kept, LC_ALL: "C", ...plain };
}
