/**
 * What an executor said against what is there. Nothing it says is a fact; where it differs from one, that is a blocking
 * discrepancy: an agent that names a commit it did not make, or a test it did not run, is not to be believed in the rest.
 */
import { posix } from "node:path";
import type { Commit, Host } from "../host/index.ts";
import type { ExecutorResult } from "../model/finding.schema.ts";
import type { CommandRun } from "../report/report.schema.ts";

export type ClaimAsk = {
  readonly repository: string;
  readonly base: string;
  readonly head: string;
  readonly commits: readonly Commit[];
  /** What each dispatch of the executor said, oldest first. */
  readonly claims: readonly ExecutorResult[];
  /** The engine's own runs at the head. */
  readonly runs: readonly CommandRun[];
};

/** Every difference as a sentence. */
export async function claimsAgainstFacts(host: Host, ask: ClaimAsk): Promise<string[]> {
  const last = ask.claims.at(-1);
  const commits = [...new Set(ask.claims.flatMap((claim) => claim.commits.map((sha) => sha.trim())))];
  const found: string[] = [];
  for (const sha of commits) {
    const wrong = await wrongCommit(host, ask, sha);
    if (wrong !== undefined) found.push(wrong);
  }
  return [...found, ...(await wrongFiles(host, ask)), ...(last === undefined ? [] : wrongExits(last, ask.runs))];
}

async function wrongCommit(host: Host, { repository, commits }: ClaimAsk, sha: string): Promise<string | undefined> {
  const shown = sha.slice(0, 40);
  if (!/^[0-9a-f]{4,64}$/i.test(sha)) return `claimed commit "${shown}" is no commit id`;
  if (commits.some((commit) => commit.sha.startsWith(sha.toLowerCase()))) return undefined;
  const there = await host.git.commit(repository, sha);
  return there === undefined
    ? `claimed commit ${shown} does not exist`
    : `claimed commit ${shown} is not among the stage's commits`;
}

/** A file counts as changed when any commit of the stage touched it, even if a later one put it back. */
async function wrongFiles(host: Host, { repository, base, head, claims }: ClaimAsk): Promise<string[]> {
  const claimed = [...new Set(claims.flatMap((claim) => claim.files.map((path) => posix.normalize(path))))];
  if (claimed.length === 0) return [];
  const log = await host.git.plain(
    repository,
    "log",
    "--name-only",
    "--no-renames",
    "-z",
    "--format=",
    `${base}..${head}`,
    "--",
  );
  const touched = new Set(log.split("\0").map((path) => path.replace(/^\n+/, "")));
  return claimed.filter((path) => !touched.has(path)).map((path) => `claimed file ${path} was not changed`);
}

function wrongExits(claim: ExecutorResult, runs: readonly CommandRun[]): string[] {
  return claim.testsRun.flatMap(({ command, exitCode }) => {
    const run = runs.findLast((one) => folded(one.command) === folded(command));
    if (run === undefined || run.outcome === "did-not-run") return [];
    if (run.outcome === "no-work" && exitCode === 0)
      return [`"${command}" was claimed to pass; the engine's run of it ran no test`];
    return run.exitCode === exitCode
      ? []
      : [`"${command}" was claimed to exit ${exitCode}; the engine's run of it exited ${run.exitCode}`];
  });
}

/** Commands that the last claim says were run and the engine did not run itself: that is only its word. */
export function unprovenRuns(claims: readonly ExecutorResult[], ran: readonly (string | null)[]): string[] {
  const known = new Set(ran.map((command) => folded(command ?? "")));
  return (claims.at(-1)?.testsRun ?? [])
    .filter(({ command }) => !known.has(folded(command)))
    .map(({ command, exitCode }) => `"${command}" was claimed to exit ${exitCode}; the engine did not run it`);
}

const folded = (command: string): string => command.trim().replace(/\s+/g, " ");
