/** What a stage's run works on: the stage of the approved plan, its tree and base, and what other stages list. */
import type { Repository } from "../../host/index.ts";
import { fault, take } from "../../model/index.ts";
import { readCarry } from "../../registry/index.ts";
import type { Carry } from "../../registry/registry.schema.ts";
import type { Stage } from "../../stages/stage-map.schema.ts";
import { findRepository } from "../../worktrees/index.ts";
import type { ApprovedPlan } from "../prepare/approved-plan.ts";
import { requireApprovedPlan } from "../prepare/approved-plan.ts";
import type { Run } from "../run.ts";
import { stageRows } from "../stage-states.ts";

export type StageWork = {
  readonly plan: ApprovedPlan;
  readonly stage: Stage;
  readonly tree: string;
  readonly branch: string;
  readonly base: string;
  readonly repository: Repository;
  /** Files that other stages list which are not done yet. */
  readonly othersFiles: ReadonlyMap<string, number>;
  /** The carries of the stages that this one depends on. */
  readonly carries: readonly Carry[];
};

/** Throws `plan-changed` when the approved plan is no longer the one that the run was prepared from. */
export async function openStage(run: Run): Promise<StageWork> {
  const plan = await requireApprovedPlan(run.world, run.project.projectRoot, run.task, run.ref.key);
  if (plan.content !== run.manifest.plan) {
    throw fault(
      "plan-changed",
      `${run.id} was prepared from another plan than the approved one`,
      "Prepare the stage again",
      { run: run.id },
    );
  }
  const stage = plan.plan.stageMap.stages.find((one) => one.stageNumber === run.ref.stage);
  const repository = take(await findRepository(run.world.host, run.project.projectRoot));
  const { branch, path } = run.manifest.worktree;
  const base = run.manifest.reviewedCommit;
  if (stage === undefined || repository === undefined || branch === null || base === null)
    throw new Error(`${run.id} has no stage, repository, branch or base`);
  const rows = await stageRows(run.world, run.project, { key: run.ref.key, manifest: run.task, plan });
  const unfinished = new Set(
    rows.filter((row) => row.state !== "done" && row.state !== "verified").map((row) => row.stageNumber),
  );
  const othersFiles = new Map<string, number>();
  for (const other of plan.plan.stageMap.stages) {
    if (other.stageNumber === stage.stageNumber || !unfinished.has(other.stageNumber)) continue;
    for (const file of other.files) othersFiles.set(file, other.stageNumber);
  }
  const carries: Carry[] = [];
  for (const dependency of stage.dependsOn) {
    const carry = take(await readCarry(run.world.host, run.place, dependency));
    if (carry !== undefined) carries.push(carry);
  }
  return { plan, stage, tree: path, branch, base, repository, othersFiles, carries };
}
