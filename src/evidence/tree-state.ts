/**
 * The state of a worktree that a read-only phase may not change: HEAD, branch, index, files (tracked and untracked; ignored
 * ones and `.okstra` excepted) and the refs of its task. Plain JSON, so that it can be journalled and compared after a resume.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Host, RefAt } from "../host/index.ts";

export type TreeState = {
  /** What the `.git` file of a linked worktree says, `folder` in a main worktree, null when the tree is gone. */
  readonly pointer: string | null;
  /** Null before the first commit. */
  readonly head: string | null;
  /** Null when HEAD is detached. */
  readonly branch: string | null;
  /** A tree object of all files as they are; empty when the tree is gone. */
  readonly snapshot: string;
  /** A tree object of the index, null while it holds a conflict; `unmerged` then tells conflicts apart. */
  readonly index: string | null;
  readonly unmerged: string;
  /** Refs that belong to the task. */
  readonly own: readonly RefAt[];
  /** All other refs, okstra's rescue and evidence refs excepted. */
  readonly others: readonly RefAt[];
};

/** `own`: refs or prefixes of refs that are registered to the task's key, such as `refs/heads/fix-login`. */
export async function treeState(host: Host, tree: string, own: readonly string[]): Promise<TreeState> {
  const pointer = await pointerOf(host, tree);
  if (pointer === null) return { ...gone, pointer };
  const head = await host.git.head(tree);
  const [{ snapshot, index, unmerged }, all] = await Promise.all([contentOf(host, tree), host.git.refs(tree, "refs/")]);
  const refs = all.filter(({ ref }) => !ref.startsWith("refs/okstra/"));
  const isOwn = ({ ref }: RefAt): boolean => own.some((name) => belongs(ref, name));
  return {
    pointer,
    head: head?.commit ?? null,
    branch: head?.branch ?? null,
    snapshot,
    index,
    unmerged,
    own: refs.filter(isOwn),
    others: refs.filter((ref) => !isOwn(ref)),
  };
}

async function contentOf(host: Host, tree: string): Promise<Pick<TreeState, "snapshot" | "index" | "unmerged">> {
  const snapshot = await host.git.snapshot(tree);
  try {
    return { snapshot, index: (await host.git.plain(tree, "write-tree")).trim(), unmerged: "" };
  } catch (thrown) {
    const unmerged = await host.git.plain(tree, "ls-files", "--unmerged", "-z");
    if (unmerged === "") throw thrown;
    return { snapshot, index: null, unmerged: createHash("sha256").update(unmerged).digest("hex") };
  }
}

const gone = { head: null, branch: null, snapshot: "", index: null, unmerged: "", own: [], others: [] };

async function pointerOf(host: Host, tree: string): Promise<string | null> {
  const path = join(tree, ".git");
  const seen = await host.files.look(path);
  if (seen === undefined) return null;
  return seen.kind === "folder" ? "folder" : ((await host.files.readText(path)) ?? null);
}

/** The ref itself or what lies below it; not `<branch>-s2`, which another run of the same task may be moving right now. */
const belongs = (ref: string, name: string): boolean =>
  ref === name || ref.startsWith(name.endsWith("/") ? name : `${name}/`);

/** What differs, as sentences; each is a violation. Other refs that moved are not among them (see `refsMoved`). */
export function compareTrees(before: TreeState, after: TreeState): string[] {
  if (after.pointer === null && before.pointer !== null) return ["the worktree was deleted"];
  const differences: string[] = [];
  if (before.pointer !== after.pointer) differences.push("the worktree's .git pointer was changed");
  if (before.branch !== after.branch)
    differences.push(`the branch went from ${shown(before.branch)} to ${shown(after.branch)}`);
  if (before.head !== after.head) differences.push(`HEAD moved from ${short(before.head)} to ${short(after.head)}`);
  if (before.snapshot !== after.snapshot) differences.push("files were changed");
  if (before.index !== after.index || before.unmerged !== after.unmerged) differences.push("the index was changed");
  return [...differences, ...refsMoved(before.own, after.own).map(sentenceOf)];
}

export type RefMove = { readonly ref: string; readonly from: string | null; readonly to: string | null };

/**
 * Refs that are new, gone or elsewhere. For the refs of others: to be listed, and a violation only where nothing explains them
 * (ref-moves.ts); they are never restored.
 */
export function refsMoved(before: readonly RefAt[], after: readonly RefAt[]): RefMove[] {
  const then = new Map(before.map(({ ref, commit }) => [ref, commit]));
  const now = new Map(after.map(({ ref, commit }) => [ref, commit]));
  return [...new Set([...then.keys(), ...now.keys()])]
    .sort()
    .map((ref) => ({ ref, from: then.get(ref) ?? null, to: now.get(ref) ?? null }))
    .filter(({ from, to }) => from !== to);
}

export const sentenceOf = ({ ref, from, to }: RefMove): string =>
  from === null
    ? `${ref} was made at ${short(to)}`
    : to === null
      ? `${ref} was deleted (it was at ${short(from)})`
      : `${ref} moved from ${short(from)} to ${short(to)}`;

const short = (commit: string | null): string => commit?.slice(0, 12) ?? "nothing";
const shown = (branch: string | null): string => branch ?? "none (detached)";
