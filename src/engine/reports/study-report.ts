/** Reports of the phases that read: discovery, analysis, planning. */

import type { ConvergenceState, PlanBodyState } from "../../convergence/convergence.schema.ts";
import type { Clarification } from "../../lifecycle/task.schema.ts";
import { shellWord } from "../../model/index.ts";
import type { AnalysisProse, DiscoveryProse, Report } from "../../report/report.schema.ts";
import { discoveryVerdict } from "../discovery.ts";
import type { Run } from "../run.ts";
import type { Voice } from "../steps/blind.ts";
import type { Written } from "../steps/write.ts";
import { commonOf } from "./common.ts";

export type StudyFacts = {
  readonly voices: readonly Voice[];
  readonly state: ConvergenceState;
  readonly written: Written;
  readonly planBody: PlanBodyState | null;
  readonly clarifications: readonly Clarification[];
};

export async function studyReport(run: Run, facts: StudyFacts): Promise<Report> {
  const { prose } = facts.written;
  const common = await commonOf(run, {
    outcome: "completed",
    prose,
    state: facts.state,
    clarifications: facts.clarifications,
    voices: facts.voices,
    limits: [],
    verdictCard: {
      finalConclusion: prose.summary.split("\n")[0] ?? "",
      verdictToken: verdictOf(run, facts),
      direction: prose.direction,
      approvalRequired: facts.planBody !== null,
      nextStep: nextStep(run, facts),
    },
  });
  if ("plan" in prose) {
    return {
      ...common,
      taskType: "implementation-planning",
      plan: prose.plan,
      planBodyVerification: facts.planBody,
      approval: null,
    };
  }
  if ("hypotheses" in prose) return { ...common, taskType: "error-analysis", analysis: analysisOf(prose) };
  if (!("routing" in prose)) throw new Error(`${run.id}: the prose fits no phase`);
  const taskType = run.ref.taskType === "improvement-discovery" ? run.ref.taskType : "requirements-discovery";
  return { ...common, taskType, discovery: discoveryOf(prose) };
}

/** What the phase came to, in a word; the run's summary says the same. */
export function verdictOf(
  run: Run,
  { planBody, written, state }: Pick<StudyFacts, "planBody" | "written" | "state">,
): string {
  if ("routing" in written.prose) return discoveryVerdict(run.profile, written.prose);
  return planBody?.gate ?? state?.standing ?? "off";
}

function nextStep(run: Run, facts: StudyFacts): string {
  const open = facts.clarifications.find((item) => item.status === "open" && item.blocks !== "none");
  if (open !== undefined) return `okstra answer ${shellWord(run.task.key)} ${open.id} "..."`;
  const passed = facts.planBody?.gate === "passed" || facts.planBody?.gate === "passed-with-dissent";
  // The content hash that approve wants covers this very field, so the renderers print it, not the data.
  if (passed) return `okstra approve ${shellWord(run.task.key)}`;
  if (facts.planBody !== null)
    return `okstra run --task-key ${shellWord(run.task.key)} --task-type implementation-planning`;
  const { prose } = facts.written;
  const rows = "routing" in prose ? prose.fanOut.length : 0;
  if (rows === 0) return `okstra go ${shellWord(run.task.key)}`;
  return `okstra followups ${run.ref.taskType === "improvement-discovery" ? "list" : "spawn"} ${run.task.key}`;
}

const analysisOf = ({ symptoms, triggers, hypotheses, reproduction, validationPath }: AnalysisProse) => ({
  symptoms,
  triggers,
  hypotheses,
  reproduction,
  validationPath,
});

const discoveryOf = ({ category, routing, missingInputs, fanOut }: DiscoveryProse) => ({
  category,
  routing,
  missingInputs,
  fanOut,
});
