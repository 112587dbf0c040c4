/** What read commands show. They read projections and take no lock; a run whose engine died is named as such. */
import { checkReportFinalVerification } from "../generated/report.check.js";
import { approvalProblems, type GateFacts, gates, runPaths, worktreePaths } from "../lifecycle/index.ts";
import type { Clarification, RunSummary, TaskManifest } from "../lifecycle/task.schema.ts";
import { Fault, parseJson, readRun, type TaskType, take } from "../model/index.ts";
import { readClarifications, runLock } from "../registry/index.ts";
import { renderMarkdown } from "../report/index.ts";
import { type ApprovedPlan, readApproval, readPlanReport } from "./prepare/approved-plan.ts";
import { requireTask } from "./prepare/task.ts";
import { openProject } from "./project.ts";
import { readRunState } from "./run-state.ts";
import { type StageRow, stageRows } from "./stage-states.ts";
import { type ProjectPlace, placeOf, type TaskKey, type World } from "./world.ts";

export type TaskStatus = {
  readonly task: {
    readonly key: string;
    readonly title: string;
    readonly category: string;
    readonly phase: TaskType;
    readonly next: { readonly taskType: TaskType; readonly why: string } | null;
    readonly gates: readonly { readonly name: string; readonly open: boolean; readonly needs: readonly string[] }[];
    readonly stages: readonly Omit<StageRow, "waitsFor">[];
  };
  readonly runs: readonly RunSummary[];
  readonly clarifications: readonly Clarification[];
  /** Runs that were started and whose engine is gone: resume them. */
  readonly interrupted: readonly string[];
};

export async function taskStatus(world: World, cwd: string, key: TaskKey): Promise<TaskStatus> {
  const project = await openProject(world, cwd, key);
  const manifest = await requireTask(world, project.projectRoot, key);
  const clarifications = take(await readClarifications(world.host, placeOf(world, project.projectRoot, key)));
  const plan = await planOf(world, project, manifest);
  const stages = plan === null ? [] : await stageRows(world, project, { key, manifest, plan });
  const runs = await Promise.all(manifest.runs.map((run) => freshened(world, project, run)));
  const facts = await gateFacts(world, project, { key, manifest, clarifications, stages, runs });
  const next = nextPhase(manifest, runs, stages);
  const task = {
    key: manifest.key,
    title: manifest.title,
    category: manifest.category,
    phase: manifest.phase,
    next,
    gates: gates(facts),
    stages: stages.map(({ waitsFor: _, ...stage }) => stage),
  };
  return { task, runs, clarifications, interrupted: await interruptedRuns(world, runs) };
}

type Known = {
  readonly key: TaskKey;
  readonly manifest: TaskManifest;
  readonly clarifications: readonly Clarification[];
  readonly stages: readonly StageRow[];
  readonly runs: readonly RunSummary[];
};

async function gateFacts(world: World, project: ProjectPlace, of: Known): Promise<GateFacts> {
  const { manifest, clarifications, stages } = of;
  const tree = worktreePaths(world.home, of.key).task;
  const hasTree = (await world.host.files.look(tree)) !== undefined;
  const head = hasTree ? await world.host.git.head(tree) : undefined;
  return {
    task: manifest.key,
    clarifications,
    planProblems: await planProblems(world, project, of),
    stages,
    verification: await verificationOf(world, project, of.runs),
    taskHead: head?.commit ?? null,
    verifiedGroup: [],
    budget: null,
  };
}

/** What stands against the newest plan; null when there is none. */
async function planProblems(world: World, project: ProjectPlace, of: Known): Promise<GateFacts["planProblems"]> {
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

async function verificationOf(
  world: World,
  project: ProjectPlace,
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

/** The approved plan as data; read commands trust the record, the gates check it. */
async function planOf(world: World, project: ProjectPlace, manifest: TaskManifest): Promise<ApprovedPlan | null> {
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

/** What a run under way has done since its summary was written, from its journal. */
async function freshened(world: World, project: ProjectPlace, run: RunSummary): Promise<RunSummary> {
  if (run.outcome !== null && run.outcome !== "prepared") return run;
  return (await readRunState(world, project, readRun(run.id))).summary;
}

async function interruptedRuns(world: World, runs: readonly RunSummary[]): Promise<readonly string[]> {
  const open = runs.filter((run) => run.outcome === null);
  const owners = await Promise.all(open.map((run) => world.host.locks.owner(runLock(world.home, readRun(run.id)))));
  return open.filter((_, index) => owners[index] === undefined).map((run) => run.id);
}

/** The phase that comes next and why, or null when the task is finished or a run is under way. */
function nextPhase(
  manifest: TaskManifest,
  runs: readonly RunSummary[],
  stages: readonly StageRow[],
): TaskStatus["task"]["next"] {
  const last = runs.at(-1);
  if (last === undefined || last.outcome === null || last.outcome === "prepared") return null;
  const done = (taskType: TaskType): boolean =>
    runs.some((run) => run.taskType === taskType && run.outcome === "completed");
  if (manifest.plans.length > 0) {
    const open = stages.filter((stage) => stage.state !== "done" && stage.state !== "verified");
    if (open.length > 0)
      return {
        taskType: "implementation",
        why: `stages ${open.map((stage) => stage.stageNumber).join(", ")} are not done`,
      };
    const verified = runs.findLast(
      (run) => run.taskType === "final-verification" && run.scope === "task" && run.outcome === "completed",
    );
    if (verified === undefined) return { taskType: "final-verification", why: "every stage is done" };
    if (verified.verdict === "accepted")
      return done("release-handoff") ? null : { taskType: "release-handoff", why: "the work is accepted" };
    return null;
  }
  if (done("implementation-planning") && last.taskType === "implementation-planning" && last.outcome === "completed")
    return null;
  if (last.outcome !== "completed") return { taskType: last.taskType, why: `the last run ended as ${last.outcome}` };
  return { taskType: "implementation-planning", why: `${last.taskType} is complete` };
}
