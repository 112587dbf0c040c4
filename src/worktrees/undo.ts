/**
 * Takes back a tree that okstra made, from any half-state: what would be lost goes to a rescue ref, the folder is renamed
 * aside, git forgets the tree, the branch goes, the folder is deleted. Each step leaves a state from which the next call goes
 * on. Without the mark of addTree (made.ts) nothing is touched.
 */
import { join } from "node:path";
import type { Host, Repository } from "../host/index.ts";
import type { TaskKey } from "../model/index.ts";
import { repositoryLock, withLock } from "../registry/index.ts";
import { madeOf } from "./add.ts";
import { forgetMade, wasMade } from "./made.ts";
import { realEvenIfGone } from "./registered.ts";
import { lookAtTree, type Remains } from "./remains.ts";
import { keepWork } from "./rescue.ts";
import { deleteAside, removeEmptyParents, setAside } from "./trash.ts";

export type UndoAsk = {
  readonly repository: Repository;
  readonly key: TaskKey;
  readonly path: string;
  readonly branch: string | null;
  /** The commit that addTree was given. */
  readonly baseCommit: string;
  /** What addTree was given: a branch that was there before stays. */
  readonly newBranch: boolean;
  /** Only commits are kept: what lies uncommitted in a throwaway tree is what commands left there. */
  readonly onlyCommits?: boolean;
};

/** `rescue`: the ref that keeps work, null when there was none. `notes`: what was left standing, and why. */
export type Undone = { readonly rescue: string | null; readonly notes: readonly string[] };

/** The caller holds the task lock and has ended the processes that work in the tree. */
export async function undoTree(host: Host, home: string, ask: UndoAsk): Promise<Undone> {
  if (!(await wasMade(host, madeOf({ ...ask, commit: ask.baseCommit })))) return { rescue: null, notes: [] };
  const plan = planUndo(ask, await look(host, ask));
  const rescue = plan.keep === null ? null : await keepWork(host, ask, { ...plan.keep, from: ask.path });
  const aside = plan.folder === "trash" ? await setAside(host, home, ask.path) : undefined;
  if (plan.folder === "keep") await host.files.rename(ask.path, `${ask.path}-kept-${host.random.id(4)}`);
  const moved = await withLock(host, repositoryLock(home, ask.repository.commonDir), `undo ${ask.path}`, () =>
    forget(host, home, ask, plan),
  );
  if (aside !== undefined) await deleteAside(host, aside);
  return { rescue, notes: [...plan.notes, ...moved] };
}

export type Seen = Remains & {
  /** What the branch points to, null when it is not there. */
  readonly branchHead: string | null;
  /** Another tree that has the branch checked out. */
  readonly branchHolder: string | null;
  /** Of the tree's commit and the branch's: those that hold something the base does not have. */
  readonly beyondBase: readonly string[];
  /** The tree's commit is held by the branch. */
  readonly headInBranch: boolean;
};

export type UndoPlan = {
  readonly keep: { readonly state: string | null; readonly commits: readonly [string, ...string[]] } | null;
  readonly folder: "none" | "trash" | "keep";
  readonly forget: boolean;
  /** The commit that the branch to delete must still point to; null: no branch is deleted. */
  readonly deleteBranch: string | null;
  readonly notes: readonly string[];
};

/** Decides, from what was seen, what goes, what stays and what is kept. Pure. */
export function planUndo(ask: Pick<UndoAsk, "path" | "branch" | "newBranch" | "baseCommit">, seen: Seen): UndoPlan {
  const held = seen.branchHolder !== null;
  const deleteBranch = ask.newBranch && !held ? seen.branchHead : null;
  // A commit that the branch holds is safe with it: the branch stays, or is kept.
  const headIsSafe = seen.head === null || !seen.beyondBase.includes(seen.head) || seen.headInBranch;
  const commits = new Set<string>();
  if (seen.unsaved !== null) commits.add(seen.head ?? ask.baseCommit);
  if (seen.head !== null && !headIsSafe) commits.add(seen.head);
  if (deleteBranch !== null && seen.beyondBase.includes(deleteBranch)) commits.add(deleteBranch);
  const [first, ...others] = commits;
  const notes = [
    ...(seen.folder === "foreign" ? [`${ask.path} is no worktree of this repository and stays as it is`] : []),
    ...(seen.folder === "orphan"
      ? [`git's record of ${ask.path} is gone; the folder is kept beside it as ${ask.path}-kept-*`]
      : []),
    ...(held ? [`the branch ${ask.branch} is checked out in ${seen.branchHolder} and stays`] : []),
  ];
  return {
    keep: first === undefined ? null : { state: seen.unsaved, commits: [first, ...others] },
    folder: seen.folder === "tree" || seen.folder === "shell" ? "trash" : seen.folder === "orphan" ? "keep" : "none",
    forget: seen.registered && seen.folder !== "foreign",
    deleteBranch,
    notes,
  };
}

async function look(host: Host, ask: UndoAsk): Promise<Seen> {
  const { mainRoot } = ask.repository;
  const remains = await lookAtTree(host, ask);
  const branchHead =
    ask.branch === null ? null : ((await host.git.resolve(mainRoot, `refs/heads/${ask.branch}`)) ?? null);
  const real = await realEvenIfGone(host, ask.path);
  const trees = branchHead === null ? [] : await host.git.trees(mainRoot);
  const holder = trees.find((tree) => tree.branch === ask.branch && tree.path !== ask.path && tree.path !== real);
  const beyondBase: string[] = [];
  for (const commit of new Set([remains.head, branchHead])) {
    if (commit !== null && commit !== ask.baseCommit && !(await host.git.isAncestor(mainRoot, commit, ask.baseCommit)))
      beyondBase.push(commit);
  }
  const headInBranch =
    remains.head !== null && branchHead !== null && (await host.git.isAncestor(mainRoot, remains.head, branchHead));
  return { ...remains, branchHead, branchHolder: holder?.path ?? null, beyondBase, headInBranch };
}

async function forget(host: Host, home: string, ask: UndoAsk, plan: UndoPlan): Promise<string[]> {
  const { mainRoot, commonDir } = ask.repository;
  const notes: string[] = [];
  if (plan.forget) await host.git.forgetTree(mainRoot, ask.path);
  if (ask.newBranch && ask.branch !== null) {
    // A git that was killed while it wrote this very branch leaves its lock behind, and no other git would get past it.
    await host.files.removeFile(join(commonDir, "refs", "heads", `${ask.branch}.lock`));
    if (plan.deleteBranch !== null && !(await host.git.deleteBranch(mainRoot, ask.branch, plan.deleteBranch))) {
      notes.push(`the branch ${ask.branch} moved meanwhile and stays`);
    }
  }
  await forgetMade(host, ask.path);
  await removeEmptyParents(host, home, ask.path);
  return notes;
}
