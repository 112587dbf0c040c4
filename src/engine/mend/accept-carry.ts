/**
 * A carry of other origin counts as proof that a stage is done once a person says so: the ledger gets its `done` row, under the
 * approved plan and the present cycle. Nothing is merged, and the file stays as it is.
 */
import { relative } from "node:path";
import { segmentPath, taskPaths } from "../../lifecycle/index.ts";
import { fault, shellWord, type TaskKey, take } from "../../model/index.ts";
import {
  appendLedger,
  entryKey,
  type FoundProject,
  listCarries,
  occupied,
  readLedger,
  readRegistry,
  stageStates,
} from "../../registry/index.ts";
import { requireApprovedPlan } from "../prepare/approved-plan.ts";
import { requireTask } from "../require-task.ts";
import { nowOf, placeOf, type World } from "../world.ts";

export type AcceptedCarry = {
  readonly stage: number;
  readonly head: string;
  readonly path: string;
  /** Whether the task branch holds the commit. */
  readonly merged: boolean;
};

/** The caller holds the task lock and knows that a person asks. Throws `unknown-stage`, `stage-done`, `stage-taken`, `carry-unusable`. */
export async function acceptCarry(
  world: World,
  project: FoundProject,
  { key, stage }: { readonly key: TaskKey; readonly stage: number },
): Promise<AcceptedCarry> {
  const place = placeOf(world, project.projectRoot, key);
  const task = await requireTask(world, project.projectRoot, key);
  const plan = await requireApprovedPlan(world, project.projectRoot, task, key);
  if (!plan.plan.stageMap.stages.some(({ stageNumber }) => stageNumber === stage)) {
    const all = plan.plan.stageMap.stages.map(({ stageNumber }) => stageNumber).join(", ");
    throw fault(
      "unknown-stage",
      `The plan has no stage ${stage}; it has ${all}`,
      "Give the number of one that is there",
      { stage },
    );
  }
  const { entries } = take(await readRegistry(world.host, world.home));
  const holder = entries[entryKey(key, stage)];
  if (holder !== undefined && occupied(holder))
    throw fault(
      "stage-taken",
      `Stage ${stage} is held by ${holder.holder.run}`,
      `Free it first: okstra worktree release ${shellWord(task.key)} --stage ${stage}`,
      { stage, run: holder.holder.run },
    );
  const state = stageStates(take(await readLedger(world.host, place)), plan.content, plan.cycle).get(stage);
  if (state !== undefined && state.status !== "started" && state.status !== "released")
    throw fault(
      "stage-done",
      `Stage ${stage} is done already, at ${state.head_commit.slice(0, 12)}`,
      "Nothing is to be accepted",
      { stage },
    );
  const { head, path, run } = await usable(world, project, { key, stage });
  take(
    await appendLedger(world.host, place, {
      schemaVersion: 1,
      impl_task_key: task.key,
      stage,
      status: "done",
      plan: plan.content,
      cycle: plan.cycle,
      attempt: state?.attempt ?? 1,
      started_at: nowOf(world),
      head_commit: head,
      carry_path: relative(taskPaths(project.projectRoot, key).folder, path),
      run: run ?? "accepted by a person",
      source: "accept-carry",
      machine: world.host.machine.name,
    }),
  );
  const entry = entries[segmentPath(key)];
  const onto =
    entry === undefined ? undefined : await world.host.git.resolve(project.projectRoot, `refs/heads/${entry.branch}`);
  const merged = onto !== undefined && (await world.host.git.isAncestor(project.projectRoot, head, onto));
  return { stage, head, path, merged };
}

type Usable = { readonly head: string; readonly path: string; readonly run: string | null };

async function usable(world: World, project: FoundProject, of: { key: TaskKey; stage: number }): Promise<Usable> {
  const place = placeOf(world, project.projectRoot, of.key);
  const usual = taskPaths(project.projectRoot, of.key).carry(of.stage);
  const carry = take(await listCarries(world.host, place)).find(({ stage }) => stage === of.stage);
  const refuse = (why: string, remedy: string) =>
    fault("carry-unusable", `Stage ${of.stage}: ${why}`, remedy, { stage: of.stage, path: carry?.path ?? usual });
  if (carry === undefined)
    throw refuse(`there is no carry file ${usual}`, `Put it there, with the stage's last commit as "head"`);
  const { form, path } = carry;
  if ("problem" in form)
    throw refuse(`${path} cannot be taken: ${form.problem}`, "Correct the file, then run the command again");
  const head = await world.host.git.resolve(project.projectRoot, `${form.head}^{commit}`);
  if (head === undefined)
    throw refuse(
      `${path} names the commit ${form.head}, which the repository does not have`,
      "Fetch the branch that holds it, then run the command again",
    );
  return { head, path, run: form.run };
}
