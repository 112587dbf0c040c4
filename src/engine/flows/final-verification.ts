/**
 * The flow of verification: every analyser judges the difference base..task branch, or that of one stage as it was done, in a
 * detached tree at the verified commit; the engine runs the project's own checks there in a clean one; the verdict is computed. An
 * accepted stage gets its row in the ledger.
 */

import { verificationVerdict } from "../../convergence/index.ts";
import { fault, shellWord, take } from "../../model/index.ts";
import { appendLedger, taskLock, withLock } from "../../registry/index.ts";
import { oneLine } from "../../report/index.ts";
import type { CommandRun } from "../../report/report.schema.ts";
import type { Ending } from "../ending.ts";
import { changedQa } from "../implementation/qa-out.ts";
import { verificationRisks } from "../implementation/risks.ts";
import { validate } from "../implementation/validation.ts";
import { keepInvariants } from "../invariants.ts";
import { overriddenItems } from "../overridden.ts";
import { type ApprovedPlan, requireApprovedPlan } from "../prepare/approved-plan.ts";
import { coverageOf, type VerifiedWork, verificationReport } from "../reports/verification-report.ts";
import { fact, type Run, step } from "../run.ts";
import { requireStageDone, verifiedRow } from "../stage-states.ts";
import { blindPass, collectFindings, type Voice } from "../steps/blind.ts";
import { converge } from "../steps/converge.ts";
import { critique } from "../steps/critique.ts";
import { intake } from "../steps/intake.ts";
import { recordQuestions } from "../steps/questions.ts";
import { requireQuorum } from "../steps/quorum.ts";
import { writeProse } from "../steps/write.ts";
import { taskTreeOf } from "../task-tree-of.ts";
import { throwawayOf } from "../throwaway.ts";
import { requirementsIn, stageOfScope, verifiedBase } from "../verified-range.ts";
import { nowOf } from "../world.ts";
import { announce } from "./study.ts";

export async function finalVerification(run: Run): Promise<Ending> {
  const work = await step(run, "intake", async () => {
    await intake(run);
    return await openWork(run);
  });
  await step(run, "prompts", () => announce(run));
  await using tree = await throwawayOf(run, { name: "review", commit: work.verifiedCommit });
  const voices = await step(run, "dispatch", () => blindPass(run, tree.path, work.plan));
  const findings = await step(run, "collect", async () => {
    const checked = await collectFindings(run, voices, tree.path);
    requireQuorum(run, voices, "workers");
    return checked;
  });
  const converged = await step(run, "converge", () => converge(run, voices, findings, tree.path));
  const state = await critique(run, { state: converged, voices, tree: tree.path, plan: work.plan });
  const written = await step(run, "write", async () =>
    writeProse(run, {
      ...{ state, voices, invariants: await keepInvariants(run, state) },
      ...{ cwd: tree.path, facts: factsText(work, voices) },
    }),
  );
  const checked = await step(run, "check", async () => {
    const commands = await runChecks(run, work);
    return { commands, ...(await verificationRisks(run, work)) };
  });
  return await step(run, "record", async () => {
    const files = await run.world.host.git.files(tree.path, work.verifiedCommit);
    const coverage = coverageOf(work, voices, new Set(files));
    const degraded = state.standing === "degraded";
    const overridden = await overriddenItems(run, state.items);
    const result = verificationVerdict({
      items: state.items,
      overridden: [...overridden.keys()],
      candidates: state.critique?.items ?? [],
      requirements: requirementsIn(work.plan.plan, work.stage).map((requirement) => requirement.id),
      coverage,
      commands: checked.commands,
      verifiedCommit: work.verifiedCommit,
      dbState: checked.dbState,
      testsWeakened: checked.testsWeakened,
      degraded,
    });
    const clarifications = await recordQuestions(run, { voices, planBody: null });
    const report = await verificationReport(run, {
      work,
      voices,
      state,
      written,
      clarifications,
      coverage,
      result,
      overridden,
      ...checked,
    });
    if (work.stage !== null && result.verdict === "accepted") await recordVerified(run, work, work.stage);
    return {
      outcome: "completed",
      reason: null,
      verdict: result.verdict,
      message: `${work.stage === null ? "" : `Stage ${work.stage}: `}${result.verdict} at ${work.verifiedCommit.slice(0, 12)}`,
      remedy: result.verdict === "accepted" ? "" : `okstra report ${shellWord(run.task.key)}`,
      report,
    };
  });
}

/** Throws `run-changed` when the task branch moved since the run was prepared. */
async function openWork(run: Run): Promise<VerifiedWork> {
  const plan: ApprovedPlan = await requireApprovedPlan(run.world, run.project.projectRoot, run.task, run.ref.key);
  const { projectRoot } = run.project;
  const stage = stageOfScope(run.manifest);
  const verifiedCommit = run.manifest.reviewedCommit;
  const base = await verifiedBase(run.world, run.project, run.manifest);
  if (verifiedCommit === null || base === null) throw new Error(`${run.id} has no commit to verify`);
  if (stage !== null) return { plan, stage, verifiedCommit, base };
  const tree = taskTreeOf(run.world, { projectRoot, key: run.ref.key, runs: run.task.runs });
  const head = await run.world.host.git.head(tree);
  if (head?.commit !== verifiedCommit) {
    throw fault(
      "run-changed",
      `The task branch moved from ${verifiedCommit.slice(0, 12)} to ${head?.commit.slice(0, 12) ?? "nothing"}`,
      "Start the verification again",
      {
        run: run.id,
      },
    );
  }
  return { plan, stage, verifiedCommit, base };
}

/** Appends the stage's row `verified`; said again it stands there once. */
async function recordVerified(run: Run, { plan }: VerifiedWork, stage: number): Promise<void> {
  const { key } = run.ref;
  await withLock(run.world.host, taskLock(run.world.home, key), `stage ${stage} is verified`, async () => {
    const done = await requireStageDone(run.world, run.project, { key, manifest: run.task, plan, stage });
    if (done.head_commit !== run.manifest.reviewedCommit) return;
    const time = await fact(run, "verified-time", async () => nowOf(run.world));
    take(await appendLedger(run.world.host, run.place, verifiedRow(done, { run: run.id, time })));
  });
}

/** The project's QA commands and the plan's conformance checks and final validation, in a clean tree at the verified commit. */
async function runChecks(run: Run, work: VerifiedWork): Promise<readonly CommandRun[]> {
  const qa = Object.values(run.project.settings.qaCommands);
  const { stageMap, validationChecklist } = work.plan.plan;
  const stages = stageMap.stages.filter(({ stageNumber }) => work.stage === null || stageNumber === work.stage);
  const planned = [
    ...(work.stage === null ? validationChecklist.post : stages.flatMap(({ validation }) => validation.post)),
    ...stages.flatMap((stage) => stage.conformance.map((one) => one.command)),
  ];
  const changed = await fact(run, "qa-changed", () => changedQa(run));
  const done = await validate(run, {
    name: "final",
    commit: work.verifiedCommit,
    commands: [...new Set([...qa, ...planned])],
  });
  return changed.length === 0 ? done : [...done, await notAsTaken(run, work, changed)];
}

/** Checks that are not what an executor left and a stage was judged with prove nothing, whatever they exit with. */
async function notAsTaken(run: Run, { verifiedCommit }: VerifiedWork, changed: readonly string[]): Promise<CommandRun> {
  const at = await fact(run, "qa-changed-at", async () => nowOf(run.world));
  return {
    ...{ name: "qa/", command: `hashes in qa/manifest.json: ${changed.join(", ")} changed since` },
    ...{ at, commit: verifiedCommit, exitCode: null, outcome: "failed", durationMs: 0, log: "" },
    sandbox: "the engine's own look",
  };
}

function factsText(work: VerifiedWork, voices: readonly Voice[]): string {
  return [
    `Verified commit ${work.verifiedCommit}, base ${work.base}.`,
    ...(work.stage === null ? [] : [`Only stage ${work.stage} is verified.`]),
    "Requirements:",
    ...requirementsIn(work.plan.plan, work.stage).map(
      (requirement) => `- ${oneLine(requirement.id)}: ${oneLine(requirement.text)}`,
    ),
    "Verdicts of the workers:",
    ...voices.map(({ spec, answer }) => `- ${spec.worker}: ${answer.value?.verdict ?? answer.status}`),
  ].join("\n");
}
