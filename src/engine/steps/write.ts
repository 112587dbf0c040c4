/** The report writer: returns prose and the deliverable's content through a schema; facts never come from it. */

import type { ConvergenceState, Invariant } from "../../convergence/convergence.schema.ts";
import {
  checkAnalysisProse,
  checkDiscoveryProse,
  checkHandoffProse,
  checkImplementationProse,
  checkPlanningProse,
  checkVerificationProse,
} from "../../generated/report.check.js";
import { type Check, shellWord } from "../../model/index.ts";
import type {
  AnalysisProse,
  DiscoveryProse,
  HandoffProse,
  ImplementationProse,
  PlanningProse,
  VerificationProse,
} from "../../report/report.schema.ts";
import { checkStageMap } from "../../stages/index.ts";
import { discoveryProblems, followUpProblems } from "../discovery.ts";
import { ask } from "../dispatch.ts";
import { promptOf, writerPurpose } from "../prompts.ts";
import { guarded } from "../read-only.ts";
import { progress, type Run } from "../run.ts";
import type { Voice } from "./blind.ts";
import { plainProse } from "./plain-prose.ts";
import { gaveNothing } from "./quorum.ts";

export type Prose =
  | DiscoveryProse
  | AnalysisProse
  | PlanningProse
  | ImplementationProse
  | VerificationProse
  | HandoffProse;
export type Written = { readonly prose: Prose; readonly writer: string };

const checks: Readonly<Record<string, Check<Prose>>> = {
  "discovery-prose": checkDiscoveryProse,
  "analysis-prose": checkAnalysisProse,
  "planning-prose": checkPlanningProse,
  "implementation-prose": checkImplementationProse,
  "verification-prose": checkVerificationProse,
  "handoff-prose": checkHandoffProse,
};

export type WriteAsk = {
  readonly state: ConvergenceState | null;
  readonly voices: readonly Voice[];
  /** Root causes that stand on several paths, as the task's register has them. */
  readonly invariants: readonly Invariant[];
  readonly cwd: string;
  /** What the engine knows, for phases whose facts are not items: commits, checks, commands. */
  readonly facts?: string;
  /** What is known without a writer, where prose is due and none is asked for. */
  readonly plain?: Partial<HandoffProse>;
};

export async function writeProse(run: Run, of: WriteAsk): Promise<Written> {
  if (run.manifest.invocation.noProse === true) {
    await progress(run, "phase-6-report", "without a writer (--no-prose)");
    return { prose: plainProse(run, of), writer: "okstra" };
  }
  const spec = run.manifest.roster.find((one) => one.role === "report-writer");
  const check = checks[run.profile.proseSchema];
  if (spec === undefined || check === undefined)
    throw new Error(`${run.id} has no report writer for ${run.profile.proseSchema}`);
  await progress(run, "phase-6-report", `worker=${spec.worker} writing`);
  const answer = await guarded(run, { name: "write", tree: of.cwd }, async () =>
    ask<Prose>(run, {
      spec,
      fileRole: "report-writer",
      purpose: "write",
      round: null,
      writes: false,
      cwd: of.cwd,
      prompt: await promptOf(run, spec, await writerPurpose(run, factsOf(of))),
      check,
      hold: false,
      problems: (value) => proseProblems(run, value, of.state),
    }),
  );
  if (answer.value === null) {
    const goOn = `ask only the writer again: okstra resume ${shellWord(run.id)}`;
    throw await gaveNothing(run, "The report writer", answer, { kept: "", also: [], goOn });
  }
  return { prose: answer.value, writer: spec.worker };
}

/** Everything that the writer may use. Proposals are shown without who made them. */
const factsOf = (of: WriteAsk) => ({
  engine: of.facts ?? null,
  items: (of.state?.items ?? []).map(({ id, title, claim, severity, class: itemClass, place, verdicts }) => ({
    id,
    title,
    claim,
    severity,
    class: itemClass,
    place,
    disagreement: verdicts.filter((verdict) => verdict.verdict === "DISAGREE").map((verdict) => verdict.reason),
  })),
  invariants: of.invariants,
  proposals: of.voices.flatMap(({ answer }) => (answer.value === null ? [] : [answer.value.proposal])),
  answersToTheBrief: of.voices.flatMap(({ answer }) => answer.value?.answers ?? []),
  openQuestions: of.voices.flatMap(({ answer }) => answer.value?.questions ?? []),
  notExamined: of.voices.flatMap(({ answer }) => answer.value?.notExamined ?? []),
});

/** What a writer must mend although its schema fits: a plan that breaks the rules, items that do not exist. */
function proseProblems(run: Run, prose: Prose, state: ConvergenceState | null): readonly string[] {
  const known = new Set(state?.items.map((item) => item.id));
  const problems: string[] = [...followUpProblems("followUps", prose.followUps)];
  if ("routing" in prose) problems.push(...discoveryProblems(run.profile, prose, state?.items ?? []));
  if ("hypotheses" in prose) {
    for (const id of prose.hypotheses.flatMap((one) => one.items))
      if (!known.has(id)) problems.push(`hypotheses name ${id}, which is no item of this run`);
  }
  if ("plan" in prose) problems.push(...planProblems(prose.plan));
  return problems;
}

function planProblems(plan: PlanningProse["plan"]): readonly string[] {
  const problems = checkStageMap(plan.stageMap).map((found) => `${found.rule}: ${found.message}. ${found.remedy}`);
  if (plan.options.length < 2) problems.push("a plan has at least two options");
  if (!plan.options.some((option) => option.id === plan.recommendation.option))
    problems.push(`the recommendation names ${plan.recommendation.option}, which is no option`);
  const stages = new Set(plan.stageMap.stages.map((stage) => stage.stageNumber));
  for (const requirement of plan.requirements) {
    const row = plan.requirementCoverage.find((one) => one.requirement === requirement.id);
    if (row === undefined) problems.push(`requirementCoverage says nothing of ${requirement.id}`);
    else if (row.stages.length === 0 && row.note === "")
      problems.push(`${requirement.id} is covered by no stage and no note says why`);
    else if (row.stages.some((stage) => !stages.has(stage)))
      problems.push(`${requirement.id} is covered by a stage that does not exist`);
  }
  return problems;
}
