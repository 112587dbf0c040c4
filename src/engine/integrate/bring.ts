/**
 * Brings a merge worktree to a commit that holds both the task branch and the stage. Works from whatever it finds there: nothing
 * begun, a merge that a person or an agent settles, one that they committed, a task branch that moved meanwhile.
 */
import { join } from "node:path";
import type { Host } from "../../host/index.ts";
import { unreachable } from "../../model/index.ts";

export type BringAsk = {
  /** The merge worktree. */
  readonly tree: string;
  readonly taskHead: string;
  readonly stageHead: string;
  /** The message of the merge commit, with its trailer. */
  readonly message: string;
};

export type Brought =
  | { readonly state: "merged"; readonly commit: string }
  /** Files that conflict, or in which conflict markers stand. */
  | { readonly state: "conflict"; readonly files: readonly string[] }
  | { readonly state: "refused"; readonly note: string };

export async function bring(host: Host, ask: BringAsk): Promise<Brought> {
  const begun = await host.git.resolve(ask.tree, "MERGE_HEAD");
  const stopped = begun === undefined ? await refuseChanges(host, ask) : await conclude(host, ask);
  if (stopped !== undefined) return stopped;
  for (const commit of [ask.taskHead, ask.stageHead]) {
    const merged = await mergeIn(host, ask, commit);
    if (merged !== undefined) return merged;
  }
  const commit = await headOf(host, ask.tree);
  const files = await withMarkers(host, ask, commit);
  return files.length > 0 ? { state: "conflict", files } : { state: "merged", commit };
}

async function refuseChanges(host: Host, { tree }: BringAsk): Promise<Brought | undefined> {
  const { changed, untracked } = await host.git.status(tree);
  const files = [...changed, ...untracked];
  if (files.length === 0) return undefined;
  const named = files.length > 4 ? `${files.slice(0, 3).join(", ")} and ${files.length - 3} more` : files.join(", ");
  return { state: "refused", note: `${tree} has changes that are not committed: ${named}` };
}

/** Commits a merge that is under way once git knows all of it to be settled. */
async function conclude(host: Host, ask: BringAsk): Promise<Brought | undefined> {
  const files = await host.git.unsettled(ask.tree);
  if (files.length > 0) return { state: "conflict", files };
  const marked = await markedInIndex(host, ask.tree);
  if (marked.length > 0) return { state: "conflict", files: marked };
  const done = await host.git.concludeMerge(ask.tree, ask.message);
  return done.did === "refused" ? { state: "refused", note: done.message } : undefined;
}

/** Undefined: the tree holds the commit now. */
async function mergeIn(host: Host, ask: BringAsk, commit: string): Promise<Brought | undefined> {
  const { git } = host;
  const head = await headOf(host, ask.tree);
  if (await git.isAncestor(ask.tree, commit, head)) return undefined;
  // A branch on which nothing was done goes on to where the task is, without a merge of its own.
  if (commit === ask.taskHead && (await git.fastForward(ask.tree, commit)).did === "merged") return undefined;
  if (!(await git.probeMerge(ask.tree, head, commit)).clean) {
    const files = await git.beginMerge(ask.tree, commit);
    if (files.length > 0) return { state: "conflict", files };
  }
  const done = (await git.resolve(ask.tree, "MERGE_HEAD"))
    ? await git.concludeMerge(ask.tree, ask.message)
    : await git.merge(ask.tree, commit, ask.message);
  switch (done.did) {
    case "merged":
    case "nothing":
      return undefined;
    case "conflict":
      return { state: "conflict", files: done.files };
    case "refused":
      return { state: "refused", note: done.message };
    default:
      return unreachable(done);
  }
}

/** Files of the result that neither side has as they are, and in which markers stand that neither side has. */
async function withMarkers(host: Host, { tree, taskHead, stageHead }: BringAsk, commit: string): Promise<string[]> {
  const { git } = host;
  const [ours, theirs] = await Promise.all([taskHead, stageHead].map((side) => git.diffFiles(tree, side, commit)));
  const both = new Set(theirs?.map(({ path }) => path));
  const found: string[] = [];
  for (const { path, status } of ours ?? []) {
    if (status === "D" || !both.has(path) || !hasMarkers(await git.blob(tree, commit, path))) continue;
    const before = await Promise.all([taskHead, stageHead].map((side) => git.blob(tree, side, path)));
    if (!before.some(hasMarkers)) found.push(path);
  }
  return found;
}

/** The same before the commit is made, in the files as they lie in the tree. */
async function markedInIndex(host: Host, tree: string): Promise<string[]> {
  const names = async (against: string): Promise<string[]> =>
    (await host.git.plain(tree, "diff", "--cached", "--name-only", "--diff-filter=d", "-z", against))
      .split("\0")
      .filter((name) => name !== "");
  const theirs = new Set(await names("MERGE_HEAD"));
  const found: string[] = [];
  for (const path of await names("HEAD")) {
    if (!theirs.has(path) || !hasMarkers(await host.files.readBytes(join(tree, path)))) continue;
    const before = await Promise.all(["HEAD", "MERGE_HEAD"].map((side) => host.git.blob(tree, side, path)));
    if (!before.some(hasMarkers)) found.push(path);
  }
  return found;
}

/** A line that begins a conflict and one that ends it. */
function hasMarkers(bytes: Uint8Array | undefined): boolean {
  if (bytes === undefined) return false;
  const text = new TextDecoder().decode(bytes);
  return /^<{7}(?: |\r?$)/m.test(text) && /^>{7}(?: |\r?$)/m.test(text);
}

async function headOf(host: Host, tree: string): Promise<string> {
  const head = await host.git.head(tree);
  if (head === undefined) throw new Error(`${tree} has no commit checked out`);
  return head.commit;
}
