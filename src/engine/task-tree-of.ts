/** Where a task's branch is checked out. */
import { worktreePaths } from "../lifecycle/index.ts";
import type { RunSummary } from "../lifecycle/task.schema.ts";
import type { TaskKey, World } from "./world.ts";

type Of = {
  readonly projectRoot: string;
  readonly key: TaskKey;
  readonly runs: readonly Pick<RunSummary, "worktree">[];
};

/** The task's own worktree, or the project's folder where that is a linked worktree itself; it may not be there. */
export const taskTreeOf = (world: World, { projectRoot, key, runs }: Of): string =>
  runs.some((run) => run.worktree?.status === "skipped-in-worktree")
    ? projectRoot
    : worktreePaths(world.home, key).task;
