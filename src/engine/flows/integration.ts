/**
 * The flow of a run that merges a done stage: settled in a worktree of its own, validated on the merged tree, taken into the task
 * branch last. What a person or an agent did is believed no more than what the stage's own run did.
 *
 *   merged clean | conflict -> (an agent settles it) -> merged | conflict left to a person
 *   merged -> validation on the merged tree -> merge.intended -> merge.done -> its worktree gone
 */

import { checkExecutorResult } from "../../generated/finding.check.js";
import { shellWord } from "../../model/index.ts";
import type { CommandRun } from "../../report/report.schema.ts";
import { hookedHost } from "../confined-hooks.ts";
import { ask, isAnswered } from "../dispatch.ts";
import type { Ending } from "../ending.ts";
import { tampered, watchGit } from "../git-guard.ts";
import { takeHold } from "../hold.ts";
import { validate } from "../implementation/validation.ts";
import { type BringAsk, type Brought, bring } from "../integrate/bring.ts";
import { type MergeWork, openMerge } from "../integrate/open-merge.ts";
import { clearMerge, takeMerge } from "../integrate/take-merge.ts";
import { mergeMessage } from "../merge-message.ts";
import { tellRefused } from "../network.ts";
import { promptOf, qaNamesOf } from "../prompts.ts";
import { fact, knows, progress, type Run, skipStep, step } from "../run.ts";
import { intake } from "../steps/intake.ts";
import { gaveNothing } from "../steps/quorum.ts";
import { executorScratch } from "../subject.ts";

export async function integration(run: Run): Promise<Ending> {
  const work = await step(run, "intake", () => begin(run));
  await skipStep(run, "prompts", "nobody is asked before the merge was tried");
  const brought = await step(run, "dispatch", () => settle(run, work));
  for (const name of ["collect", "converge", "critique", "write"] as const)
    await skipStep(run, name, "a merge is judged by its validation alone");
  const validation = await step(run, "check", async () =>
    brought.state === "merged" ? await validated(run, work, brought) : [],
  );
  return await step(run, "record", async () => {
    if (brought.state !== "merged") return unsettled(run, work, brought);
    const broken = validation.find(({ outcome }) => outcome !== "passed");
    if (broken !== undefined)
      return blocked(run, work, `"${broken.command}" ${broken.outcome} on the merged tree (${broken.log})`);
    const taken = await takeMerge(run, work, brought.commit);
    await told(run, work, `${taken.state}${taken.note === "" ? "" : ` ${taken.note}`}`);
    if (taken.state !== "merged") return blocked(run, work, taken.note);
    await clearMerge(run, work);
    return merged(run, work, brought.commit);
  });
}

async function begin(run: Run): Promise<MergeWork> {
  // Of a merge that was taken the worktree may be gone already, and with it what the run holds.
  if (!knows(run, "merge-taken")) {
    await takeHold(run);
    await intake(run);
  }
  return await openMerge(run);
}

const told = (run: Run, { stage }: MergeWork, text: string): Promise<void> =>
  progress(run, "phase-7-integrate", `stage=${stage.stageNumber} state=${text}`);

async function settle(run: Run, work: MergeWork): Promise<Brought> {
  const first = await fact(run, "merge-tried", () => tried(run, work));
  const executor = run.manifest.roster.find(({ role }) => role === "executor");
  if (first.state !== "conflict" || executor === undefined) return first;
  await told(run, work, `merge-conflict files=${first.files.join(",")}`);
  await asked(run, work, first.files);
  return await fact(run, "merge-settled", () => tried(run, work));
}

async function tried(run: Run, work: MergeWork): Promise<Brought> {
  const brought = await bring(await hookedHost(run, work.tree), await bringAsk(run, work));
  await tellRefused(run, "a hook of the merge");
  return brought;
}

async function bringAsk(run: Run, { stage, tree, taskTree, stageHead }: MergeWork): Promise<BringAsk> {
  const taskHead = (await run.world.host.git.head(taskTree))?.commit;
  if (taskHead === undefined) throw new Error(`${taskTree} has no commit checked out`);
  const message = mergeMessage({ stage: stage.stageNumber, title: stage.title, run: run.id });
  return { tree, taskHead, stageHead, message };
}

/** Lets the agent settle the conflict. Throws `agent-failed` and the like when it gave no result; the tree stays as it is. */
async function asked(run: Run, work: MergeWork, files: readonly string[]): Promise<void> {
  const spec = run.manifest.roster.find(({ role }) => role === "executor");
  if (spec === undefined) throw new Error(`${run.id} has no executor`);
  await progress(run, "phase-4-dispatch", `worker=${spec.worker} model=${spec.model}`);
  const { stage, tree, branch, stageHead } = work;
  const { taskHead } = await fact(run, "merge-sides", () => bringAsk(run, work));
  const scratch = executorScratch(run.world, run.ref);
  const told = { stage, branch, scratch, qaNames: qaNamesOf(run.project), files, taskHead, stageHead };
  const question = {
    spec,
    fileRole: "executor",
    purpose: "merge",
    round: null,
    writes: true,
    cwd: tree,
    prompt: await promptOf(run, spec, { purpose: "merge", ...told }),
    check: checkExecutorResult,
    hold: false,
    // A killed attempt was taken back with all that was uncommitted, the merge itself too.
    ready: async () => {
      await tried(run, work);
    },
  } as const;
  const watch = { name: "executor", tree, commonDir: work.repository.commonDir };
  const watched = isAnswered(run, question)
    ? { tampering: null, value: await ask(run, question) }
    : await watchGit(run, watch, () => ask(run, question));
  if (watched.tampering !== null) throw tampered("The executor", watched.tampering);
  const answer = watched.value;
  await progress(run, "phase-5-collect", `worker=${spec.worker} status=${answer.status}`);
  if (answer.value === null)
    throw gaveNothing(run, `The executor ${spec.worker}`, answer, { kept: `Its work is kept in ${tree}. `, also: [] });
}

const validated = (
  run: Run,
  { stage }: MergeWork,
  { commit }: { readonly commit: string },
): Promise<readonly CommandRun[]> =>
  validate(run, { name: "merge", commit, commands: [...new Set([...stage.validation.mid, ...stage.validation.post])] });

const merged = ({ task }: Run, { stage }: MergeWork, commit: string): Ending => ({
  outcome: "completed",
  reason: null,
  verdict: "merged",
  message: `Stage ${stage.stageNumber} is merged into the task branch (${commit.slice(0, 12)}), its validation passed on the merged tree`,
  remedy: `okstra go ${shellWord(task.key)}`,
  report: null,
});

function unsettled(run: Run, work: MergeWork, brought: Exclude<Brought, { state: "merged" }>): Ending {
  if (brought.state === "refused") return blocked(run, work, brought.note);
  const { files } = brought;
  const { stageNumber } = work.stage;
  const again = `okstra integrate ${shellWord(run.task.key)} --stage ${stageNumber}`;
  return {
    outcome: "blocked",
    reason: "merge-conflict",
    verdict: "merge-conflict",
    message: `Stage ${stageNumber} does not merge into the task branch; to be settled: ${files.join(", ")}`,
    remedy: `Settle it in ${shellWord(work.tree)} (git add what is settled), then: ${again}; or let an agent do it: ${again} --with claude`,
    report: null,
  };
}

const blocked = ({ task }: Run, { stage, tree }: MergeWork, note: string): Ending => ({
  outcome: "blocked",
  reason: "merge-blocked",
  verdict: "merge-blocked",
  message: `Stage ${stage.stageNumber} is not taken into the task branch: ${note}`,
  remedy: `Put it right (what is to be merged lies in ${shellWord(tree)}; commit what you change there), then: okstra integrate ${shellWord(task.key)} --stage ${stage.stageNumber}`,
  report: null,
});
