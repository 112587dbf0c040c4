/**
 * Merges a stage's branch into the task branch, in the task worktree. What the merge would give is computed without a tree
 * first, so that a conflict touches nothing; doing it again finds the merge that is there. The caller holds the task
 * worktree exclusively.
 */
import type { Commit, Host, MergeOutcome, Repository } from "../host/index.ts";
import { readRun, unreachable } from "../model/index.ts";
import { rescueTree } from "./rescue.ts";

export type IntegrateAsk = {
  readonly repository: Repository;
  readonly taskTree: string;
  /** Where the task branch was when the caller looked; a merge is made only on top of it. */
  readonly taskHead: string;
  readonly stageHead: string;
  /** Names the stage; the trailer is added to it. */
  readonly message: string;
  /** The value of the `Okstra-Run` trailer: the run's id. */
  readonly runTrailer: string;
  /** The branch that must be checked out in the task tree, when the caller knows it. */
  readonly branch?: string | null;
  /** An earlier merge of this stage was begun, and nothing says how it ended. */
  readonly begun?: boolean;
};

/**
 * `merged`: the task branch holds the stage; `commit` is the merge commit of this run, null when the stage was in it already.
 * `moved`: the task branch is not at `taskHead`; `commit` says where; look again. `merge-conflict`: `files` do not merge.
 * `merge-blocked`: a hook, local changes or a merge of someone else's stand in the way; `note` says it.
 */
export type Integration = {
  readonly state: "merged" | "moved" | "merge-conflict" | "merge-blocked";
  readonly commit: string | null;
  readonly files: readonly string[];
  readonly note: string;
};

export async function integrate(host: Host, ask: IntegrateAsk): Promise<Integration> {
  const ended = (await endHalfMerge(host, ask)) ?? (ask.begun === true ? await endUnnamedMerge(host, ask) : undefined);
  const result = await mergeOnce(host, ask);
  return ended === undefined
    ? result
    : { ...result, note: [ended, result.note].filter((part) => part !== "").join("; ") };
}

async function mergeOnce(host: Host, ask: IntegrateAsk): Promise<Integration> {
  const { git } = host;
  const blocked = await obstacle(host, ask);
  if (blocked !== undefined) return blocked;
  const before = await requireHead(host, ask);
  const present = await alreadyMerged(host, ask, before);
  if (present !== undefined) return present;
  if (before !== ask.taskHead) return moved(before);
  const probe = await git.probeMerge(ask.repository.mainRoot, ask.taskHead, ask.stageHead);
  if (!probe.clean) return conflict(probe.files);
  const now = await requireHead(host, ask);
  if (now !== ask.taskHead) return moved(now);
  const outcome = await git.merge(ask.taskTree, ask.stageHead, withTrailer(ask.message, ask.runTrailer));
  return await concluded(host, ask, outcome);
}

/** By this trailer okstra knows its own merges from a person's. */
const runTrailerKey = "okstra-run";

const withTrailer = (message: string, run: string): string => `${message.trimEnd()}\n\nOkstra-Run: ${run}\n`;

/**
 * A merge of this very stage that was left half-way is taken back. It is okstra's own, of an engine that was killed; should
 * a person have begun to settle it there, the rescue ref keeps what they did.
 */
async function endHalfMerge(host: Host, ask: IntegrateAsk): Promise<string | undefined> {
  if ((await host.git.resolve(ask.taskTree, "MERGE_HEAD")) !== ask.stageHead) return undefined;
  const key = readRun(ask.runTrailer).key;
  const rescue = await rescueTree(host, { repository: ask.repository, tree: ask.taskTree, key });
  // A plain abort refuses where files were edited since, or went back and the index did not; what there was is safe now.
  await host.git.plain(ask.taskTree, "reset", "--hard", "--quiet", "HEAD");
  return `a half-way merge was taken back${rescue === null ? "" : `, its state is kept at ${rescue}`}`;
}

/**
 * A merge writes files before git notes that it is under way: what one left whose disk was full, or whose machine went down, are
 * changes in the files that the stage changed. They go into a rescue ref, and those files become again what the branch holds.
 */
async function endUnnamedMerge(host: Host, ask: IntegrateAsk): Promise<string | undefined> {
  const { git } = host;
  const { taskTree: tree, repository } = ask;
  const head = await git.head(tree);
  const base = head === undefined ? undefined : await git.mergeBase(tree, head.commit, ask.stageHead);
  if (head === undefined || base === undefined || (typeof ask.branch === "string" && head.branch !== ask.branch))
    return;
  const { changed, untracked } = await git.status(tree);
  const touched = new Set((await git.diffFiles(tree, base, ask.stageHead)).map(({ path }) => path));
  const left = [...changed, ...untracked].filter((path) => touched.has(path));
  if ((await git.resolve(tree, "MERGE_HEAD")) !== undefined || left.length === 0) return;
  const rescue = await rescueTree(host, { repository, tree, key: readRun(ask.runTrailer).key });
  const literal = left.map((path) => `:(top,literal)${path}`);
  await git.plain(tree, "reset", "--quiet", head.commit, "--", ...literal);
  await git.plain(tree, "clean", "--quiet", "--force", "--", ...literal);
  const there = new Set(await git.files(tree, head.commit));
  const kept = left.filter((path) => there.has(path)).map((path) => `:(top,literal)${path}`);
  if (kept.length > 0) await git.plain(tree, "checkout", "--quiet", head.commit, "--", ...kept);
  return `what a merge that did not end had written was taken back${rescue === null ? "" : `, its state is kept at ${rescue}`}`;
}

/** Local changes, another branch, and merges of someone else's that are under way. */
async function obstacle(host: Host, ask: IntegrateAsk): Promise<Integration | undefined> {
  const { git } = host;
  const { taskTree } = ask;
  const merging = await git.resolve(taskTree, "MERGE_HEAD");
  if (merging !== undefined) return inTheWay(`a merge of ${merging} is under way in ${taskTree}; end it first`);
  const head = await git.head(taskTree);
  if (head !== undefined && typeof ask.branch === "string" && head.branch !== ask.branch) {
    return inTheWay(`${taskTree} has ${head.branch ?? "a detached commit"} checked out instead of ${ask.branch}`);
  }
  const { changed } = await git.status(taskTree);
  return changed.length === 0 ? undefined : { ...inTheWay(`${taskTree} has uncommitted changes`), files: changed };
}

async function alreadyMerged(host: Host, ask: IntegrateAsk, head: string): Promise<Integration | undefined> {
  const { mainRoot } = ask.repository;
  if (!(await host.git.isAncestor(mainRoot, ask.stageHead, head))) return undefined;
  const merge = (await host.git.commits(mainRoot, ask.stageHead, head)).find((commit) => isMergeOf(ask, commit));
  return merge === undefined
    ? { state: "merged", commit: null, files: [], note: "the task branch holds the stage already" }
    : { state: "merged", commit: merge.sha, files: [], note: "" };
}

const isMergeOf = (ask: IntegrateAsk, commit: Commit): boolean =>
  commit.parents.includes(ask.stageHead) && (commit.trailers[runTrailerKey] ?? []).includes(ask.runTrailer);

async function concluded(host: Host, ask: IntegrateAsk, outcome: MergeOutcome): Promise<Integration> {
  switch (outcome.did) {
    case "merged":
      return { state: "merged", commit: outcome.commit, files: [], note: "" };
    case "nothing":
      return { state: "merged", commit: null, files: [], note: "the task branch holds the stage already" };
    case "conflict":
      return conflict(outcome.files);
    case "refused":
      // A hook that fails leaves the merge prepared but not committed.
      await host.git.abortMerge(ask.taskTree);
      return inTheWay(outcome.message.trim());
    default:
      return unreachable(outcome);
  }
}

async function requireHead(host: Host, ask: IntegrateAsk): Promise<string> {
  const head = await host.git.head(ask.taskTree);
  if (head === undefined) throw new Error(`${ask.taskTree} has no commit checked out`);
  return head.commit;
}

const moved = (commit: string): Integration => ({
  state: "moved",
  commit,
  files: [],
  note: `the task branch moved to ${commit}`,
});
const conflict = (files: readonly string[]): Integration => ({
  state: "merge-conflict",
  commit: null,
  files,
  note: `${files.length} files do not merge`,
});
const inTheWay = (note: string): Integration => ({ state: "merge-blocked", commit: null, files: [], note });
