/**
 * A hand-off of some stages: each verified at the head at which it was done, with all that they depend on among them, merged onto the
 * base one after another, in git's objects alone: no worktree is touched.
 */

import { inPresentCycle } from "../../lifecycle/index.ts";
import type { TaskManifest } from "../../lifecycle/task.schema.ts";
import { type Fault, fault, readRun, shellWord, take } from "../../model/index.ts";
import { appendLedger, readLedger, stageStates, taskLock, verifyJournal, withLock } from "../../registry/index.ts";
import type { LedgerRow } from "../../registry/registry.schema.ts";
import type { CommandRun, ReportFinalVerification } from "../../report/report.schema.ts";
import { mergeMessage } from "../merge-message.ts";
import { requireApprovedPlan } from "../prepare/approved-plan.ts";
import { fact, type Run } from "../run.ts";
import { sealedReport } from "../sealed.ts";
import { handedOffRow, isVerified } from "../stage-states.ts";
import { nowOf, type ProjectPlace, placeOf, type TaskKey, type World } from "../world.ts";
import { requireBaseCommit } from "./base.ts";

export type GroupStage = {
  readonly stage: number;
  readonly title: string;
  readonly head: string;
  /** What the verification of the stage ran. */
  readonly commands: readonly CommandRun[];
};

type Of = { readonly key: TaskKey; readonly manifest: TaskManifest; readonly stages: readonly number[] };

/** The stages, each after what it depends on. Throws `unknown-stage`, or `not-accepted` with what is missing. */
export async function requireVerifiedGroup(world: World, project: ProjectPlace, of: Of): Promise<GroupStage[]> {
  const { key } = of.manifest;
  const { plan, content, cycle } = await requireApprovedPlan(world, project.projectRoot, of.manifest, of.key);
  const known = plan.stageMap.stages;
  const wanted = new Set(of.stages);
  for (const stage of wanted)
    if (!known.some(({ stageNumber }) => stageNumber === stage)) {
      const message = `The plan has no stage ${stage}; it has ${known.map(({ stageNumber }) => stageNumber).join(", ")}`;
      throw fault("unknown-stage", message, `okstra status ${shellWord(key)} shows them`, { stage });
    }
  const chosen = known.filter(({ stageNumber }) => wanted.has(stageNumber));
  const missing = [...new Set(chosen.flatMap(({ dependsOn }) => dependsOn))].filter((stage) => !wanted.has(stage));
  if (missing.length > 0) {
    const all = [...wanted, ...missing].sort((a, b) => a - b).join(",");
    throw fault(
      "not-accepted",
      `The stages depend on ${missing.join(", ")}, which would not be handed over with them`,
      `Take them in: --stages ${all}`,
      { missing },
    );
  }
  const rows = stageStates(
    take(await readLedger(world.host, placeOf(world, project.projectRoot, of.key))),
    content,
    cycle,
  );
  const group: GroupStage[] = [];
  // A stage names only earlier ones (rule of the Stage Map), so that the order of their numbers is one of dependencies.
  for (const { stageNumber: stage, title } of [...chosen].sort((a, b) => a.stageNumber - b.stageNumber))
    group.push({ stage, title, ...(await verified(world, project, of, { stage, row: rows.get(stage) })) });
  return group;
}

type Seen = { readonly stage: number; readonly row: LedgerRow | undefined };

/** The newest row of the stage says that it is verified, and the report that says so is what okstra wrote. */
async function verified(
  world: World,
  project: ProjectPlace,
  of: Of,
  { stage, row }: Seen,
): Promise<Pick<GroupStage, "head" | "commands">> {
  const refuse = (why: string): Fault =>
    fault(
      "not-accepted",
      `Stage ${stage} cannot be handed over: ${why}`,
      `Verify it: okstra run --task-key ${shellWord(of.manifest.key)} --task-type final-verification --stage ${stage}`,
      { stage, why },
    );
  if (row === undefined || !isVerified(row))
    throw refuse(row === undefined ? "it is not built" : `it is ${row.status}, not verified`);
  const scope = `stage-${stage}`;
  const newest = inPresentCycle(of.manifest).runs.findLast(
    (run) => run.taskType === "final-verification" && run.scope === scope && run.report !== null,
  );
  if (newest === undefined) throw refuse("no run verified it");
  const ref = readRun(newest.id);
  const problems = take(await verifyJournal(world.host, placeOf(world, project.projectRoot, of.key), ref));
  const broken = problems.find(({ severity, kind }) => severity === "error" || kind === "no-head");
  if (broken !== undefined) throw refuse(`the journal of ${newest.id} cannot be trusted: ${broken.message}`);
  const sealed = await sealedReport<ReportFinalVerification>(world, project.projectRoot, ref);
  if (sealed === undefined) throw refuse(`the report of ${newest.id} is not what okstra wrote`);
  const { verdict, verifiedCommit, commands, dbState } = sealed.data;
  if (verdict !== "accepted") throw refuse(`the verdict is ${verdict}`);
  if (dbState === "db-unverified") throw refuse("the database state is not verified");
  if (verifiedCommit !== row.head_commit)
    throw refuse(`verified was ${verifiedCommit.slice(0, 12)}, it was done at ${row.head_commit.slice(0, 12)}`);
  return { head: verifiedCommit, commands };
}

/** Appends a row for each stage that stands as it was handed over; said again they stand there once. */
export async function recordHandedOff(run: Run, group: readonly GroupStage[]): Promise<void> {
  const { world, project, ref } = run;
  const time = await fact(run, "handed-off-time", async () => nowOf(world));
  await withLock(world.host, taskLock(world.home, ref.key), "stages are handed over", async () => {
    const { content, cycle } = await requireApprovedPlan(world, project.projectRoot, run.task, ref.key);
    const rows = stageStates(take(await readLedger(world.host, run.place)), content, cycle);
    for (const { stage, head } of group) {
      const row = rows.get(stage);
      if (row === undefined || !isVerified(row) || row.head_commit !== head) continue;
      take(await appendLedger(world.host, run.place, handedOffRow(row, { run: run.id, time })));
    }
  });
}

/** The commit that holds the base and the stages, merged in their order. Throws `gate-closed` where one does not merge. */
export async function mergedGroup(run: Run, group: readonly GroupStage[], base: string): Promise<string> {
  const { git } = run.world.host;
  const tree = run.manifest.worktree.path;
  let onto = await requireBaseCommit(git, tree, base);
  for (const { stage, title, head } of group) {
    if (await git.isAncestor(tree, head, onto)) continue;
    const probe = await git.probeMerge(tree, onto, head);
    if (!probe.clean)
      throw fault(
        "gate-closed",
        `Stage ${stage} does not merge onto ${base}: ${probe.files.join(", ")} conflict`,
        `Hand the whole task over once it is accepted, or bring ${base} into the task first: okstra integrate ${shellWord(run.task.key)}`,
        { stage, files: probe.files },
      );
    const message = mergeMessage({ stage, title, run: run.id });
    onto = await git.commitTree(tree, probe.tree, [onto, head], message);
  }
  return onto;
}
