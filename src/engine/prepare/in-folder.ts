/** Tasks whose runs work in the project's own folder: it has no git, or it is a linked worktree of the user's. */
import type { Head, Repository } from "../../host/index.ts";
import { segmentPath } from "../../lifecycle/index.ts";
import type { TaskManifest, WorktreeRef } from "../../lifecycle/task.schema.ts";
import { fault, printKey, shellWord, type TaskKey, take } from "../../model/index.ts";
import { readRegistry } from "../../registry/index.ts";
import type { ProjectPlace, World } from "../world.ts";
import type { TaskTree } from "./task-tree.ts";

type FolderAsk = {
  readonly manifest: TaskManifest;
  readonly key: TaskKey;
  readonly baseRef: string | null;
  /** The project's linked worktree; undefined where there is no git. */
  readonly linked: Repository | undefined;
};

/** Throws `not-a-repository` when the task has a worktree, whose repository is gone then. */
export async function inFolder(world: World, project: ProjectPlace, ask: FolderAsk): Promise<TaskTree> {
  const { key, linked } = ask;
  if (linked !== undefined) return await inLinked(world, project, { ...ask, linked });
  const entry = take(await readRegistry(world.host, world.home)).entries[segmentPath(key)];
  if (entry === undefined) {
    const note =
      "the project is not a git repository: runs work in its folder, quotes cannot be pinned to a commit, and what agents change there is not noticed";
    const none = { branch: null, baseRef: null, baseCommit: null };
    const ref = { status: "skipped-not-git" as const, path: project.projectRoot, ...none, note };
    return { repository: null, ref, notes: [note] };
  }
  throw fault(
    "not-a-repository",
    `${project.projectRoot} is in no git repository any more; the worktree of ${printKey(key)} was made from ${entry.repository}`,
    `Bring ${entry.repository} back, then run the command again`,
    { path: project.projectRoot, repository: entry.repository },
  );
}

/**
 * A linked worktree of the user's is the task's own: its branch is what stages are merged into. The base is where that branch
 * left `--base-ref`, or without one where it stood at the task's first run.
 */
async function inLinked(
  world: World,
  project: ProjectPlace,
  { manifest, baseRef, linked }: FolderAsk & { linked: Repository },
): Promise<TaskTree> {
  const path = project.projectRoot;
  const { git } = world.host;
  const head = await git.head(path);
  if (head === undefined) throw new Error(`${path} has no commit, which findRepository looks for`);
  const first = manifest.runs.find((run) => run.worktree?.status === "skipped-in-worktree")?.worktree;
  if (first != null && first.branch !== head.branch) {
    throw fault(
      "run-changed",
      `${manifest.key} works on the branch ${first.branch ?? "of no name"}; ${path} is on ${head.branch ?? "none"}`,
      first.branch === null
        ? "Check that commit out again"
        : `Go back to it: git -C ${shellWord(path)} switch ${shellWord(first.branch)}`,
      { path, branch: head.branch, wanted: first.branch },
    );
  }
  const base = first ?? (await linkedBase(world, { path, head, baseRef }));
  const notes = [`the project root is a linked worktree: runs work in it, on ${head.branch ?? "no branch"}`];
  if (first != null && baseRef !== null && baseRef !== first.baseRef)
    notes.push(`--base-ref ${baseRef} is ignored: the task is based on ${first.baseRef ?? "another commit"}`);
  const { branch } = head;
  const ref = { status: "skipped-in-worktree" as const, path, branch, ...pickBase(base), note: notes.join("; ") };
  return { repository: linked, ref, notes };
}

type Base = Pick<WorktreeRef, "baseRef" | "baseCommit">;

const pickBase = ({ baseRef, baseCommit }: Base): Base => ({ baseRef, baseCommit });

async function linkedBase(
  world: World,
  { path, head, baseRef }: { readonly path: string; readonly head: Head; readonly baseRef: string | null },
): Promise<Base> {
  if (baseRef === null) return { baseRef: head.branch, baseCommit: head.commit };
  const named = await world.host.git.resolve(path, `${baseRef}^{commit}`);
  const baseCommit = named === undefined ? undefined : await world.host.git.mergeBase(path, named, head.commit);
  if (baseCommit !== undefined) return { baseRef, baseCommit };
  throw fault(
    "base-ref-unknown",
    `"${baseRef}" ${named === undefined ? "names no commit in" : "has no commit in common with"} ${path}`,
    "git branch -a shows what there is; give one with --base-ref, or leave it out",
    { baseRef },
  );
}

/**
 * What a stage's run is built in: the repository. Throws `not-a-repository` where there is none, `run-changed` in a linked worktree
 * without a branch to merge into.
 */
export function requireRepository({ repository, ref }: TaskTree, key: TaskKey): Repository {
  if (repository === null) {
    throw fault(
      "not-a-repository",
      `${ref.path} is not in a git repository; stages need one`,
      `Make it one (git init, then commit), then: okstra run --task-key ${shellWord(printKey(key))} --task-type implementation --base-ref HEAD`,
      { path: ref.path },
    );
  }
  if (ref.branch !== null) return repository;
  throw fault(
    "run-changed",
    `${ref.path} has no branch checked out that stages could be merged into`,
    `Make one: git -C ${shellWord(ref.path)} switch -c NAME`,
    { path: ref.path },
  );
}
