/** What a status says of plan, stages and verification. */
import { approvalProblems, type GateFacts, planOfCycle } from "../lifecycle/index.ts";
import type { Approval, Clarification, RunSummary, TaskManifest } from "../lifecycle/task.schema.ts";
import { Fault, type RunRef, readRun, type TaskKey } from "../model/index.ts";
import type { FoundProject } from "../registry/index.ts";
import type { ReportFinalVerification, ReportImplementationPlanning } from "../report/report.schema.ts";
import type { Plan } from "../stages/stage-map.schema.ts";
import { sealedReport } from "./sealed.ts";
import { type StageRow, stageRows } from "./stage-states.ts";
import type { World } from "./world.ts";

export type JudgedTask = {
  readonly key: TaskKey;
  readonly manifest: TaskManifest;
  readonly clarifications: readonly Clarification[];
  /** Of the present cycle. */
  readonly runs: readonly RunSummary[];
};

export type Judgement = Pick<GateFacts, "planProblems" | "verification"> & {
  /** The stages of the approved plan; none while no plan is approved. */
  readonly stages: readonly StageRow[];
};

/** Throws `plan-unreadable` when the approved plan cannot be read; what is wrong with the newest plan is among its problems. */
export async function judgeTask(world: World, project: FoundProject, of: JudgedTask): Promise<Judgement> {
  const plans = new Map<string, Promise<PlanRead>>();
  const read = (run: string): Promise<PlanRead> => {
    const seen = plans.get(run) ?? readPlan(world, project, readRun(run));
    plans.set(run, seen);
    return seen;
  };
  const [stages, problems, verification] = await Promise.all([
    approvedStages(world, project, of, read),
    planProblems(of, read),
    verificationOf(world, project, of.runs),
  ]);
  return { stages, planProblems: problems, verification };
}

type PlanRead = {
  readonly data: ReportImplementationPlanning;
  readonly dataText: string;
  readonly fileMarkdown: string;
  /** What the data gives. */
  readonly freshMarkdown: string;
  readonly record: () => Promise<Approval | null>;
};

async function readPlan(world: World, { projectRoot }: FoundProject, ref: RunRef): Promise<PlanRead> {
  const sealed = await sealedReport<ReportImplementationPlanning>(world, projectRoot, ref);
  if (sealed !== undefined) {
    const { data, dataText, markdown, record } = sealed;
    return { data, dataText, fileMarkdown: markdown, freshMarkdown: markdown, record: async () => record };
  }
  const { readApproval, readPlanFiles } = await import("./unsealed.ts");
  const { data, dataText, markdown, fresh } = await readPlanFiles(world, projectRoot, ref);
  const record = async () => (await readApproval(world, projectRoot, ref)) ?? null;
  return { data, dataText, fileMarkdown: markdown, freshMarkdown: fresh, record };
}

/** What stands against the newest plan; null when there is none. */
async function planProblems(
  of: JudgedTask,
  read: (run: string) => Promise<PlanRead>,
): Promise<GateFacts["planProblems"]> {
  const newest = of.runs.findLast((run) => run.taskType === "implementation-planning" && run.report !== null);
  if (newest === undefined) return null;
  try {
    const plan = await read(newest.id);
    return approvalProblems({
      data: plan.data,
      dataText: plan.dataText,
      fileMarkdown: plan.fileMarkdown,
      freshMarkdown: plan.freshMarkdown,
      record: await plan.record(),
      clarifications: of.clarifications,
      given: of.manifest.plans.find((one) => one.run === newest.id)?.content,
      purpose: "use",
    });
  } catch (thrown) {
    if (thrown instanceof Fault) return [thrown.failure];
    throw thrown;
  }
}

/** The newest verification of the whole task; null when there is none. */
async function verificationOf(
  world: World,
  project: FoundProject,
  runs: readonly RunSummary[],
): Promise<GateFacts["verification"]> {
  const newest = runs.findLast(
    (run) => run.taskType === "final-verification" && run.scope === "task" && run.report !== null,
  );
  if (newest === undefined) return null;
  const ref = readRun(newest.id);
  const sealed = await sealedReport<ReportFinalVerification>(world, project.projectRoot, ref);
  if (sealed === undefined) return { run: newest.id, proven: false };
  const { verdict, verifiedCommit, dbState, acceptance } = sealed.data;
  return { proven: true, verdict, verifiedCommit, dbState, risksTaken: acceptance !== undefined };
}

/** Read commands trust the record of the approval; the gates check it. */
async function approvedStages(
  world: World,
  project: FoundProject,
  { key, manifest }: JudgedTask,
  read: (run: string) => Promise<PlanRead>,
): Promise<readonly StageRow[]> {
  const newest = planOfCycle(manifest);
  const plan: Plan | null = newest === undefined ? null : (await read(newest.run)).data.plan;
  if (newest === undefined || plan === null) return [];
  return await stageRows(world, project, {
    key,
    manifest,
    plan: { plan, content: newest.content, cycle: manifest.cycle },
  });
}
