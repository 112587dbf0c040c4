/** What a status says of plan, stages and verification. Loaded only for a task that has come so far. */
import { checkReportFinalVerification } from "../generated/report.check.js";
import { approvalProblems, type GateFacts, runPaths } from "../lifecycle/index.ts";
import type { Clarification, RunSummary, TaskManifest } from "../lifecycle/task.schema.ts";
import { Fault, parseJson, readRun, type TaskKey } from "../model/index.ts";
import type { FoundProject } from "../registry/index.ts";
import { renderMarkdown } from "../report/index.ts";
import { type ApprovedPlan, readApproval, readPlanReport } from "./prepare/approved-plan.ts";
import { type StageRow, stageRows } from "./stage-states.ts";
import type { World } from "./world.ts";

export type PlanFacts = {
  readonly manifest: TaskManifest;
  readonly clarifications: readonly Clarification[];
  readonly runs: readonly RunSummary[];
};

/** What stands against the newest plan; null when there is none. */
export async function planProblems(
  world: World,
  project: FoundProject,
  of: PlanFacts,
): Promise<GateFacts["planProblems"]> {
  const newest = of.runs.findLast((run) => run.taskType === "implementation-planning" && run.report !== null);
  if (newest === undefined) return null;
  const ref = readRun(newest.id);
  try {
    const report = await readPlanReport(world, project.projectRoot, ref);
    const record = await readApproval(world, project.projectRoot, ref);
    return approvalProblems({
      data: report.data,
      fileMarkdown: report.markdown,
      freshMarkdown: renderMarkdown(report.data),
      record: record ?? null,
      clarifications: of.clarifications,
      given: of.manifest.plans.find((plan) => plan.run === newest.id)?.content,
      purpose: "use",
    });
  } catch (thrown) {
    if (thrown instanceof Fault) return [thrown.failure];
    throw thrown;
  }
}

/** The newest verification of the whole task; null when there is none. */
export async function verificationOf(
  world: World,
  project: FoundProject,
  runs: readonly RunSummary[],
): Promise<GateFacts["verification"]> {
  const newest = runs.findLast(
    (run) => run.taskType === "final-verification" && run.scope === "task" && run.report !== null,
  );
  if (newest === undefined) return null;
  const path = runPaths(project.projectRoot, readRun(newest.id)).reportData;
  const text = await world.host.files.readText(path);
  if (text === undefined) return null;
  const report = parseJson(checkReportFinalVerification, text, "verification report", path);
  return { verdict: report.verdict, verifiedCommit: report.verifiedCommit, dbState: report.dbState, risksTaken: false };
}

/** The stages of the approved plan; none while no plan is approved. */
export async function approvedStages(
  world: World,
  project: FoundProject,
  of: { readonly key: TaskKey; readonly manifest: TaskManifest },
): Promise<readonly StageRow[]> {
  const plan = await planOf(world, project, of.manifest);
  return plan === null ? [] : await stageRows(world, project, { ...of, plan });
}

/** The approved plan as data; read commands trust the record, the gates check it. */
async function planOf(world: World, project: FoundProject, manifest: TaskManifest): Promise<ApprovedPlan | null> {
  const newest = manifest.plans.at(-1);
  if (newest === undefined) return null;
  const report = await readPlanReport(world, project.projectRoot, readRun(newest.run));
  if (report.data.plan === null) return null;
  return {
    plan: report.data.plan,
    content: newest.content,
    run: newest.run,
    number: manifest.plans.length,
    cycle: manifest.cycle,
  };
}
