/** What a run that settles a merge works on: the stage, its head, and the worktree in which it is settled. */
import type { Repository } from "../../host/index.ts";
import { fault, shellWord, take } from "../../model/index.ts";
import { readLedger, stageStates } from "../../registry/index.ts";
import type { Stage } from "../../stages/stage-map.schema.ts";
import { findRepository } from "../../worktrees/index.ts";
import { requireApprovedPlan } from "../prepare/approved-plan.ts";
import type { Run } from "../run.ts";
import { taskTreeOf } from "../task-tree-of.ts";

export type MergeWork = {
  readonly stage: Stage;
  readonly stageHead: string;
  readonly tree: string;
  readonly branch: string;
  /** The commit that the merge worktree was made from. */
  readonly base: string;
  readonly taskTree: string;
  readonly repository: Repository;
};

/** Throws `plan-changed` when another plan was approved since the run was prepared. */
export async function openMerge(run: Run): Promise<MergeWork> {
  const { host } = run.world;
  const plan = await requireApprovedPlan(run.world, run.project.projectRoot, run.task, run.ref.key);
  if (plan.content !== run.manifest.plan) {
    throw fault(
      "plan-changed",
      `${run.id} was prepared from another plan than the approved one`,
      `Merge what was built of this one: okstra integrate ${shellWord(run.task.key)}`,
      { run: run.id },
    );
  }
  const stage = plan.plan.stageMap.stages.find((one) => one.stageNumber === run.ref.stage);
  const rows = take(await readLedger(host, run.place));
  const row = stageStates(rows, plan.content, plan.cycle).get(run.ref.stage ?? 0);
  const repository = take(await findRepository(host, run.project.projectRoot));
  const { path: tree, branch, baseCommit: base } = run.manifest.worktree;
  if (stage === undefined || row === undefined || repository === undefined || branch === null || base === null)
    throw new Error(`${run.id} has no stage, ledger row, repository, branch or base`);
  const taskTree = taskTreeOf(run.world, {
    projectRoot: run.project.projectRoot,
    key: run.ref.key,
    runs: run.task.runs,
  });
  return { stage, stageHead: row.head_commit, tree, branch, base, taskTree, repository };
}
