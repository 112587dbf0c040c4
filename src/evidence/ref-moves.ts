/**
 * Branches that moved while an agent was at work: each is either explained by something other than the agent, then it is only
 * listed, or it counts against the agent. What explains: okstra's own records (the caller knows them), a person at work in a
 * worktree of their own (its HEAD has the commit in its reflog), or that nothing can have been done by it (a new name for a
 * commit that was there, a deleted name of commits that others hold). Only branches and replacements count; tags,
 * remotes and stashes are listed.
 */
import type { Host, RefAt } from "../host/index.ts";
import { type RefMove, refsMoved, sentenceOf } from "./tree-state.ts";

export type MovesAsk = {
  readonly repository: string;
  readonly before: readonly RefAt[];
  readonly after: readonly RefAt[];
  /** When `before` was looked at; milliseconds since the epoch. */
  readonly since: number;
  /** Worktrees below this folder are the agents': work there explains nothing. */
  readonly agentTrees: string;
  /** Why okstra itself made this move, or undefined. */
  readonly known: (move: RefMove) => Promise<string | undefined>;
};

/** Sentences; `outside`: files of the project's own checkout that changed meanwhile. */
export type Strays = {
  readonly listed: readonly string[];
  readonly unexplained: readonly string[];
  readonly outside?: readonly string[];
};

export async function judgeMoves(host: Host, ask: MovesAsk): Promise<Strays> {
  const moves = refsMoved(ask.before, ask.after);
  if (moves.length === 0) return { listed: [], unexplained: [] };
  const visited = await visitedByPeople(host, ask);
  const listed: string[] = [];
  const unexplained: string[] = [];
  for (const move of moves) {
    const why =
      (counts(move) ? undefined : "it holds nobody's work") ??
      (await ask.known(move)) ??
      (move.to === null ? undefined : visited.get(move.to)) ??
      (await harmless(host, ask, move));
    if (why === undefined) unexplained.push(sentenceOf(move));
    else listed.push(`${sentenceOf(move)}: ${why}`);
  }
  return { listed, unexplained };
}

const counts = ({ ref }: RefMove): boolean => ref.startsWith("refs/heads/") || ref.startsWith("refs/replace/");

/** Commits that HEAD of a person's worktree came to since, with what to say of it. */
async function visitedByPeople(host: Host, ask: MovesAsk): Promise<ReadonlyMap<string, string>> {
  const agents = `${ask.agentTrees}/`;
  const visited = new Map<string, string>();
  for (const tree of await host.git.trees(ask.repository)) {
    if (tree.prunable || tree.path.startsWith(agents)) continue;
    const log = await host.git.plain(
      tree.path,
      "log",
      "-g",
      "-n",
      "500",
      "--date=unix",
      "--format=%H %gd",
      "HEAD",
      "--",
    );
    for (const line of log.split("\n")) {
      const [, commit, seconds] = /^(\S+) HEAD@\{(\d+)\}$/.exec(line) ?? [];
      // The reflog knows whole seconds.
      if (commit !== undefined && (Number(seconds) + 1) * 1000 > ask.since)
        visited.set(commit, `somebody worked in ${tree.path}`);
    }
  }
  return visited;
}

/** A new branch at a commit that another ref held before, or a deleted one whose commits another ref still holds. */
async function harmless(host: Host, ask: MovesAsk, move: RefMove): Promise<string | undefined> {
  if (!move.ref.startsWith("refs/heads/")) return undefined;
  const then = new Map(ask.before.map(({ ref, commit }) => [ref, commit]));
  const now = new Map(ask.after.map(({ ref, commit }) => [ref, commit]));
  const holders = async (commit: string): Promise<readonly string[]> =>
    (await host.git.plain(ask.repository, "for-each-ref", "--format=%(refname)", `--contains=${commit}`))
      .split("\n")
      .filter((ref) => then.get(ref) !== undefined && then.get(ref) === now.get(ref));
  if (move.from === null && move.to !== null && (await holders(move.to)).length > 0)
    return "its commit was there before";
  if (move.to === null && move.from !== null && (await holders(move.from)).length > 0)
    return "another branch holds its commits";
  return undefined;
}
