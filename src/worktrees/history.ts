/** Which of many commits lie in which others, from one walk of git over all of them. */
import type { Host } from "../host/index.ts";
import { Fault } from "../model/index.ts";

export type History = {
  /** `commit` is `tip` or one of its ancestors; both are among those asked about. */
  readonly holds: (tip: string, commit: string) => boolean;
  /** One of the remotes' commits is, or descends from, it. */
  readonly isPushed: (commit: string) => boolean;
};

export type HistoryAsk = {
  readonly commits: readonly string[];
  /** What branches of remotes point to. */
  readonly remotes: readonly string[];
};

/** Walks only what is beyond the commit that all of them have in common, if there is one. */
export async function historyOf(host: Host, repository: string, ask: HistoryAsk): Promise<History> {
  const tips = [...new Set([...ask.commits, ...ask.remotes])];
  const common = await commonOf(host, repository, tips);
  const parents = await walk(host, repository, tips, common);
  const reached = new Map<string, ReadonlySet<string>>();
  const from = (name: string, starts: readonly string[]): ReadonlySet<string> => {
    const known = reached.get(name) ?? reachable(parents, starts);
    reached.set(name, known);
    return known;
  };
  // What the walk left out is in the common past, and so in everything.
  const isIn = (set: ReadonlySet<string>, commit: string): boolean => set.has(commit) || !parents.has(commit);
  return {
    holds: (tip, commit) => tip === commit || isIn(from(tip, [tip]), commit),
    isPushed: (commit) => ask.remotes.length > 0 && isIn(from("remotes", ask.remotes), commit),
  };
}

async function commonOf(host: Host, repository: string, tips: readonly string[]): Promise<string | undefined> {
  const [first, ...others] = tips;
  if (first === undefined || others.length === 0) return undefined;
  let common: string | undefined = first;
  // In parts, since git takes only so many words; without a common past all is walked.
  for (let at = 0; at < others.length && common !== undefined; at += 500)
    common = await octopus(host, repository, [common, ...others.slice(at, at + 500)]);
  return common;
}

/** Undefined: they have none. */
async function octopus(host: Host, repository: string, tips: readonly string[]): Promise<string | undefined> {
  try {
    return (await host.git.plain(repository, "merge-base", "--octopus", ...tips)).split("\n")[0];
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.failure.details?.["exitCode"] === 1) return undefined;
    throw thrown;
  }
}

async function walk(
  host: Host,
  repository: string,
  tips: readonly string[],
  common: string | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const parents = new Map<string, readonly string[]>();
  for (let at = 0; at < tips.length; at += 500) {
    const not = common === undefined ? [] : [`^${common}`];
    const text = await host.git.plain(repository, "rev-list", "--parents", ...tips.slice(at, at + 500), ...not);
    for (const row of text.split("\n")) {
      const [commit = "", ...before] = row.split(" ");
      if (commit !== "") parents.set(commit, before);
    }
  }
  return parents;
}

function reachable(parents: ReadonlyMap<string, readonly string[]>, starts: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const left = [...starts];
  for (let commit = left.pop(); commit !== undefined; commit = left.pop()) {
    if (seen.has(commit)) continue;
    const before = parents.get(commit);
    if (before === undefined) continue;
    seen.add(commit);
    left.push(...before);
  }
  return seen;
}
