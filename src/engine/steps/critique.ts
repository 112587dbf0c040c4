/**
 * The critic, when one is named: after convergence it looks for what nobody reported (a coverage critic), or argues against acceptance
 * (final verification). Its findings are checked like any other's; each then gets one adversarial look by a worker of another
 * family and joins the items. A critic that fails is named and costs nothing; none of its candidates is dropped.
 */
import type { ConvergenceState } from "../../convergence/convergence.schema.ts";
import {
  closeRound,
  gapItems,
  groupFindings,
  nextRound,
  openConvergence,
  withCritique,
} from "../../convergence/index.ts";
import { checkWorkerResult } from "../../generated/finding.check.js";
import type { WorkerSpec } from "../../lifecycle/task.schema.ts";
import { stopIfOver } from "../budget.ts";
import { checkedEvidence } from "../check-evidence.ts";
import { ask } from "../dispatch.ts";
import { rememberedItems } from "../known-items.ts";
import type { ApprovedPlan } from "../prepare/approved-plan.ts";
import { blindPurpose, promptOf } from "../prompts.ts";
import { guarded } from "../read-only.ts";
import { fact, progress, type Run, skipStep, step } from "../run.ts";
import { wantedChecks } from "../wanted-checks.ts";
import type { CheckedFinding, Voice } from "./blind.ts";
import { askOne, keepState } from "./converge.ts";

type Of = {
  readonly state: ConvergenceState;
  readonly voices: readonly Voice[];
  readonly tree: string;
  readonly plan?: ApprovedPlan;
};

/** The step `critique`: the state with what the critic found, or as it was. */
export async function critique(run: Run, of: Of): Promise<ConvergenceState> {
  const critic = run.manifest.roster.find((spec) => spec.role === "critic");
  if (critic === undefined) {
    await skipStep(run, "critique", "no critic was named");
    return of.state;
  }
  return await step(run, "critique", async () => {
    const state = await criticise(run, critic, of);
    await keepState(run, state);
    return state;
  });
}

async function criticise(run: Run, critic: WorkerSpec, of: Of): Promise<ConvergenceState> {
  const blind = await blindPurpose(run.world, run.project, { manifest: run.manifest, plan: of.plan ?? null });
  const purpose = { ...blind, found: of.state.items };
  const answer = await guarded(run, { name: "critic", tree: of.tree }, async () =>
    ask(run, {
      spec: critic,
      fileRole: "critic",
      purpose: "blind",
      round: null,
      writes: false,
      cwd: of.tree,
      prompt: await promptOf(run, critic, purpose),
      check: checkWorkerResult,
      hold: false,
      goOn: await wantedChecks(run, {
        ...{ worker: critic.worker, commit: run.manifest.reviewedCommit, tree: of.tree },
      }),
    }),
  );
  await stopIfOver(run);
  const found: CheckedFinding[] = [];
  for (const [index, finding] of (answer.value?.findings ?? []).entries()) {
    const evidence = await fact(run, `evidence:critic:${index}`, () => checkedEvidence(run, finding.evidence, of.tree));
    found.push({ worker: critic.worker, family: answer.family, finding, evidence });
  }
  await progress(run, "phase-5.6-critic", `provider=${critic.worker} gaps=${found.length}`);
  const { worker } = critic;
  const { family, status, reason } = answer;
  const checker = checkerOf(of.voices, family);
  const workers = [{ worker, family, status, reason }, ...(checker === undefined ? [] : [checkerRow(checker)])];
  const config = { ...of.state.config, enabled: true, maxRounds: 1, adversarial: true, severityFloor: "nit" } as const;
  const items = gapItems(of.state, await rememberedItems(run), groupFindings(found));
  const gaps = openConvergence(config, workers, items);
  const checked = checker === undefined ? gaps : await lookedAt(run, gaps, checker.spec, of.tree);
  return withCritique(of.state, checked, { worker, family, status, reason, checker: checker?.spec.worker ?? null });
}

/** The first analyser that answered and is of another family than the critic; one of its own confirms nothing. */
const checkerOf = (voices: readonly Voice[], family: string): Voice | undefined =>
  voices.find(({ answer }) => answer.value !== null && answer.family !== family);

const checkerRow = ({ spec, answer }: Voice) => ({
  worker: spec.worker,
  family: answer.family,
  status: answer.status,
  reason: answer.reason,
});

async function lookedAt(run: Run, gaps: ConvergenceState, spec: WorkerSpec, tree: string): Promise<ConvergenceState> {
  const due = nextRound(gaps);
  if (due === undefined) return gaps;
  const replies = await guarded(run, { name: "critic-check", tree }, async () => [
    await askOne(run, { state: gaps, ...due, tree, name: "critic-check", fileRole: "critic-check" }, spec),
  ]);
  await stopIfOver(run);
  return closeRound(gaps, due, replies);
}
