/** What read commands show. They read projections and take no lock; a run whose engine died is named as such. */
import {
  blockingApproval,
  type GateFacts,
  gates,
  planOfCycle,
  profiles,
  runsOfCycle,
  sentBackBy,
} from "../lifecycle/index.ts";
import type { Clarification, RunSummary, TaskManifest } from "../lifecycle/task.schema.ts";
import { readRun, type TaskType, take } from "../model/index.ts";
import { type FixCycle, type FoundProject, newestCycle, readClarifications, readFixCycles } from "../registry/index.ts";
import { nothingFound } from "./discovery.ts";
import { waitsForMerge } from "./gate-stop.ts";
import { interruptedRuns } from "./interrupted.ts";
import { judgeTask } from "./judge.ts";
import type { LeftBehind } from "./left-behind.ts";
import { locate } from "./locate.ts";
import { requireTask } from "./require-task.ts";
import { readRunState } from "./run-state.ts";
import type { StageRow } from "./stage-states.ts";
import { taskTreeOf } from "./task-tree-of.ts";
import { placeOf, type TaskKey, type World } from "./world.ts";

export type TaskStatus = {
  readonly task: {
    readonly key: string;
    readonly title: string;
    readonly category: string;
    readonly phase: TaskType;
    /** Of a task that another left behind. */
    readonly origin: { readonly task: string; readonly baseRef: string | null } | null;
    /** The newest fix cycle; null where none was ever opened. */
    readonly fixCycle: (FixCycle & { readonly handedOver: boolean }) | null;
    readonly next: { readonly taskType: TaskType; readonly why: string } | null;
    readonly gates: readonly { readonly name: string; readonly open: boolean; readonly needs: readonly string[] }[];
    readonly stages: readonly Omit<StageRow, "waitsFor">[];
  };
  readonly runs: readonly RunSummary[];
  readonly clarifications: readonly Clarification[];
  /** What the discovery that the task stands at leaves to a person: parts of the request, or candidates. */
  readonly left: readonly LeftBehind[];
  /** Runs that were started and whose engine is gone: resume them. */
  readonly interrupted: readonly string[];
};

export async function taskStatus(world: World, cwd: string, key: TaskKey): Promise<TaskStatus> {
  const project = await locate(world, cwd, key);
  const manifest = await requireTask(world, project.projectRoot, key);
  const clarifications = take(await readClarifications(world.host, placeOf(world, project.projectRoot, key)));
  const runs = await Promise.all(manifest.runs.map((run) => freshened(world, project, run)));
  const own = runsOfCycle(runs, manifest.cycle);
  const fixCycle = await fixCycleOf(world, project, { key, manifest, runs: own });
  const isJudged = own.some((run) => judged.has(run.taskType));
  const { stages, ...judgement } = isJudged
    ? await judgeTask(world, project, { key, manifest, clarifications, runs: own })
    : { stages: [], planProblems: null, verification: null };
  const left = await leftToPick(world, project, manifest, own.at(-1));
  const accepted = isAccepted(judgement.verification);
  const next = nextPhase({ manifest, runs: own, stages, clarifications, left, accepted, fixCycle });
  const facts: GateFacts = {
    task: manifest.key,
    clarifications,
    ...judgement,
    stages,
    taskHead:
      judgement.verification === null
        ? null
        : await headOf(world, taskTreeOf(world, { projectRoot: project.projectRoot, key, runs })),
    verifiedGroup: verifiedGroup(stages),
    budget: next === null ? null : await budgetOf(world, project, { key, next: next.taskType }),
  };
  const task = {
    key: manifest.key,
    title: manifest.title,
    category: manifest.category,
    phase: manifest.phase,
    origin: manifest.origin === undefined ? null : { task: manifest.origin.task, baseRef: manifest.origin.baseRef },
    fixCycle,
    next,
    gates: gates(facts),
    stages: stages.map(({ waitsFor: _, ...stage }) => stage),
  };
  return { task, runs, clarifications, left, interrupted: await interruptedRuns(world, runs) };
}

async function budgetOf(
  world: World,
  { projectRoot }: FoundProject,
  of: { readonly key: TaskKey; readonly next: TaskType },
): Promise<GateFacts["budget"]> {
  const { budgetGate } = await import("./budget-gate.ts");
  return await budgetGate(world, { projectRoot, ...of });
}

/** Stages that are verified with all that they depend on: what can be handed over by itself. A stage depends on earlier ones. */
function verifiedGroup(stages: readonly StageRow[]): number[] {
  const group = new Set<number>();
  for (const { stageNumber, state, dependsOn } of stages)
    if (state === "verified" && dependsOn.every((number) => group.has(number))) group.add(stageNumber);
  return [...group];
}

/** Phases whose reports decide about gates. */
const judged: ReadonlySet<TaskType> = new Set(["implementation-planning", "implementation", "final-verification"]);

/** Only a task whose newest run is a discovery has its report read. */
async function leftToPick(
  world: World,
  { projectRoot }: FoundProject,
  task: TaskManifest,
  run: RunSummary | undefined,
): Promise<readonly LeftBehind[]> {
  if (run === undefined || !run.taskType.endsWith("-discovery") || run.report === null) return [];
  const { rowsOfRun } = await import("./left-behind.ts");
  return (await rowsOfRun(world, projectRoot, { task, run }))
    .filter(({ kind }) => kind !== "follow-up")
    .map(({ category: _, items: __, ...row }) => row);
}

async function headOf(world: World, tree: string): Promise<string | null> {
  if ((await world.host.files.look(tree)) === undefined) return null;
  return (await world.host.git.head(tree))?.commit ?? null;
}

/** What a run under way has done since its summary was written, from its journal. */
async function freshened(world: World, project: FoundProject, run: RunSummary): Promise<RunSummary> {
  if (run.outcome !== null && run.outcome !== "prepared") return run;
  return (await readRunState(world, project, readRun(run.id))).summary;
}

type Known = {
  readonly manifest: TaskManifest;
  readonly runs: readonly RunSummary[];
  readonly stages: readonly StageRow[];
  readonly clarifications: readonly Clarification[];
  readonly left: readonly LeftBehind[];
  /** A person took the residual risks of the newest verification. */
  readonly accepted: boolean;
  readonly fixCycle: TaskStatus["task"]["fixCycle"];
};

/** The rows are read only where a cycle was opened. */
async function fixCycleOf(
  world: World,
  { projectRoot }: FoundProject,
  of: Pick<Known, "manifest" | "runs"> & { readonly key: TaskKey },
): Promise<TaskStatus["task"]["fixCycle"]> {
  if (of.manifest.cycle === 0) return null;
  const newest = newestCycle(take(await readFixCycles(world.host, placeOf(world, projectRoot, of.key))));
  if (newest === undefined) return null;
  return { ...newest, handedOver: of.runs.some(isHandedOver) };
}

const isHandedOver = (run: RunSummary): boolean =>
  run.taskType === "release-handoff" && run.outcome === "completed" && run.scope === "task";

const isAccepted = (verification: GateFacts["verification"]): boolean =>
  verification?.proven === true && verification.risksTaken;

/** The phase that comes next and why, or null when the task is finished or a run is under way. */
function nextPhase(known: Known): TaskStatus["task"]["next"] {
  const { manifest, runs, stages, clarifications, left, accepted, fixCycle } = known;
  const last = runs.at(-1);
  if (fixCycle !== null && fixCycle.cycle === manifest.cycle) {
    if (fixCycle.state === "closed") return null;
    if (last === undefined)
      return { taskType: "implementation-planning", why: `fix cycle ${fixCycle.cycle} is open: ${fixCycle.reason}` };
  }
  if (last === undefined && manifest.origin !== undefined)
    return { taskType: manifest.phase, why: `left behind by ${manifest.origin.task}` };
  if (last === undefined || last.outcome === null || last.outcome === "prepared") return null;
  const handedOver = runs.some(isHandedOver);
  const approved = planOfCycle(manifest);
  if (approved !== undefined) {
    // A plan that was sent back, approved before or not, is made again before more of it is built.
    const again = planAgain(clarifications);
    if (again !== null) return again;
    // Another was planned since: a person approves that one.
    if (sentBackBy(clarifications, approved.run) !== undefined && last.outcome === "completed") return null;
    if (waitsForMerge(stages)) return null;
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
    if (verified.verdict === "accepted" || (verified.verdict === "conditional-accept" && accepted))
      return handedOver ? null : { taskType: "release-handoff", why: "the work is accepted" };
    return null;
  }
  if (last.taskType === "implementation-planning" && last.outcome === "completed") return planAgain(clarifications);
  if (last.outcome !== "completed") return { taskType: last.taskType, why: `the last run ended as ${last.outcome}` };
  // What it fell into goes on by itself.
  if (left.some(({ key }) => key !== null)) return null;
  if (last.verdict === nothingFound) return null;
  const routed = profiles[last.taskType].next.find((taskType) => taskType === last.verdict);
  if (routed !== undefined) return { taskType: routed, why: `${last.taskType} sent it there` };
  return { taskType: "implementation-planning", why: `${last.taskType} is complete` };
}

/** Answers that block approval have to be taken in by a further planning run; while one is open, a person answers first. */
function planAgain(clarifications: readonly Clarification[]): TaskStatus["task"]["next"] {
  const blocking = blockingApproval(clarifications);
  if (blocking.length === 0 || blocking.some((item) => item.status !== "answered")) return null;
  const ids = blocking.map((item) => item.id).join(", ");
  return { taskType: "implementation-planning", why: `the plan has to take the answer to ${ids} in` };
}
