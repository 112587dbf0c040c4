/** Starting, going on, stopping: the operations that executing commands call. */
import type { RunSummary } from "../lifecycle/task.schema.ts";
import {
  Fault,
  fault,
  isPause,
  printRun,
  type RunRef,
  readRun,
  shellWord,
  type TaskType,
  take,
} from "../model/index.ts";
import { runLock } from "../registry/index.ts";
import { findRepository } from "../worktrees/index.ts";
import { answerFromFile } from "./answer-file.ts";
import { endRun } from "./ending.ts";
import { executeRun, openRun } from "./execute.ts";
import { executorOf } from "./executor-of.ts";
import { pickStop, waitsForMerge } from "./gate-stop.ts";
import { endLeftovers } from "./leftovers.ts";
import { locate } from "./locate.ts";
import { tellingGates } from "./notify.ts";
import { type Prepared, prepareRun } from "./prepare/index.ts";
import { type Network, plainRequest, type RunRequest, type Sandbox } from "./prepare/request.ts";
import { openProject } from "./project.ts";
import { type TaskStatus, taskStatus } from "./queries.ts";
import { lacksWriter } from "./run.ts";
import { settleFor, settleTask } from "./settle.ts";
import { summarise } from "./summary.ts";
import type { TaskKey, World } from "./world.ts";

const itself = (run: RunSummary): RunSummary => run;

/** Prepares and executes one run. A gate at which it stops is told to `notify`. */
export const start = (world: World, request: RunRequest): Promise<RunSummary> =>
  tellingGates(world, request, { body: () => startOne(world, request), lastOf: itself });

async function startOne(world: World, request: RunRequest): Promise<RunSummary> {
  const { project, manifest } = await prepareRun(world, request);
  return await executeRun(world, project, {
    key: request.key,
    taskType: manifest.taskType,
    stage: manifest.stage,
    seq: manifest.seq,
  });
}

/** Executes a prepared run, or goes on with one that was killed, cancelled, or stopped by a quota or budget. A gate at which it stops is told to `notify`. */
export const resume = (world: World, cwd: string, ask: ResumeAsk): Promise<RunSummary> =>
  tellingGates(world, { cwd, key: ask.run.key }, { body: () => resumeOne(world, cwd, ask), lastOf: itself });

/** `budget`: limits of the run from now on; null where they stay. */
export type ResumeAsk = { readonly run: RunRef; readonly budget: RunRequest["budget"] | null };

async function resumeOne(world: World, cwd: string, { run: ref, budget }: ResumeAsk): Promise<RunSummary> {
  const project = await openProject(world, cwd, ref.key);
  if (await settleFor(world, project, ref)) {
    const run = await openRun(world, project, ref);
    // All that was left of it was to record how it had ended.
    const last = run.journal.events.at(-1);
    const paused = last?.type === "run.ended" && isPause(last.data.outcome);
    if (!paused && !lacksWriter(run))
      return summarise(project.projectRoot, run.manifest, run.journal.events, run.journal.head().sha256);
  }
  return await executeRun(world, project, ref, budget);
}

/** Ends a run for good and frees what it holds. One that is being executed is asked to stop first. */
export async function cancel(world: World, cwd: string, ref: RunRef): Promise<RunSummary> {
  const project = await openProject(world, cwd, ref.key);
  await settleFor(world, project, ref);
  const name = runLock(world.home, ref);
  const free = await world.host.locks.tryAcquire(name, `cancel ${printRun(ref)}`);
  if (free === undefined) await stopEngine(world, ref);
  await using _lock =
    free ?? (await world.host.locks.acquire(name, `cancel ${printRun(ref)}`, { signal: world.signal }));
  const run = await openRun(world, project, ref);
  const shown = () => summarise(project.projectRoot, run.manifest, run.journal.events, run.journal.head().sha256);
  const ended = run.journal.events.findLast(({ type }) => type === "run.ended" || type === "run.started");
  if (ended?.type === "run.ended" && ended.data.outcome === "cancelled") {
    world.say(`${run.id} was cancelled already; nothing is changed`);
    return shown();
  }
  if (ended?.type === "run.ended") {
    throw fault(
      "run-ended",
      `${run.id} has already ended: ${ended.data.outcome}`,
      `See it with okstra show ${shellWord(run.id)}`,
      { run: run.id, outcome: ended.data.outcome },
    );
  }
  // The one event that ends it is what cancels: a kill before it leaves the run as it was.
  await endLeftovers(run);
  await endRun(run, {
    outcome: "cancelled",
    reason: "cancelled",
    verdict: null,
    message: "cancelled by a person",
    remedy: "",
    report: null,
  });
  return shown();
}

/** Asks the process that executes the run to stop; one that holds its lock for something else is left to it. */
async function stopEngine(world: World, ref: RunRef): Promise<void> {
  const engine = await executorOf(world, ref);
  if (engine === undefined) return;
  if (world.host.processes.askToStop(engine)) world.say(`Asked process ${engine.pid} to stop ${printRun(ref)}`);
}

export type ImplementAsk = { readonly request: RunRequest; readonly parallel: number };

/** Keeps ready stages going, `parallel` at a time, until all are done or something needs a person, which is told to `notify`. */
export const implementAll = (world: World, ask: ImplementAsk): Promise<readonly RunSummary[]> =>
  tellingGates(world, ask.request, { body: () => implementEach(world, ask), lastOf: (runs) => runs.at(-1) });

async function implementEach(world: World, ask: ImplementAsk): Promise<readonly RunSummary[]> {
  const parallel = await parallelOf(world, { ...ask.request, parallel: ask.parallel });
  return await sideBySide(parallel, async (some) => {
    const prepared = await nextStage(world, { ...ask.request, stage: "auto" }, some);
    if (prepared === undefined) return undefined;
    const { taskType, stage, seq } = prepared.manifest;
    return { run: executeRun(world, prepared.project, { key: ask.request.key, taskType, stage, seq }) };
  });
}

/**
 * Keeps runs going, `parallel` at a time, as long as `next` starts one (wrapped, so that a start can be awaited apart from its run)
 * and none stopped. `some`: whether one was started before. Throws what stopped a run, once all others have come to their end.
 */
async function sideBySide(
  parallel: number,
  next: (some: boolean) => Promise<Started | undefined>,
): Promise<readonly RunSummary[]> {
  const finished: RunSummary[] = [];
  const running = new Set<Promise<RunSummary>>();
  let stop: unknown;
  for (;;) {
    while (stop === undefined && running.size < parallel) {
      const started = await next(running.size + finished.length > 0).catch((thrown: unknown) => {
        stop = thrown;
        return undefined;
      });
      if (started === undefined) break;
      running.add(started.run);
    }
    if (running.size === 0) break;
    const settled = await Promise.race(
      [...running].map((run) =>
        run.then(
          (summary) => ({ run, summary, thrown: undefined }),
          (thrown: unknown) => ({ run, summary: undefined, thrown }),
        ),
      ),
    );
    running.delete(settled.run);
    if (settled.summary === undefined) stop = settled.thrown;
    else {
      finished.push(settled.summary);
      if (needsPerson(settled.summary)) stop = settled.summary;
    }
  }
  if (stop instanceof Error) throw stop;
  return finished;
}

type Started = { readonly run: Promise<RunSummary> };

/** One at a time in a linked worktree of the user's, whose files change with each stage that is merged. */
async function parallelOf(world: World, of: Pick<RunRequest, "cwd" | "key"> & { parallel: number }): Promise<number> {
  const { cwd, key, parallel } = of;
  if (parallel === 1) return parallel;
  const { projectRoot } = await locate(world, cwd, key);
  const repository = take(await findRepository(world.host, projectRoot));
  if (repository?.linked !== true) return parallel;
  world.say("The project root is a linked worktree: stages are built one at a time");
  return 1;
}

/** The next ready stage prepared, or undefined when there is none now and some are under way or done. */
async function nextStage(world: World, request: RunRequest, some: boolean): Promise<Prepared | undefined> {
  try {
    return await prepareRun(world, request);
  } catch (thrown) {
    const waits =
      thrown instanceof Fault &&
      (thrown.failure.reason === "no-ready-stage" || thrown.failure.reason === "stage-waiting");
    if (waits && some) return undefined;
    throw thrown;
  }
}

const needsPerson = (run: RunSummary): boolean =>
  run.outcome !== "completed" || run.verdict === "merge-conflict" || run.verdict === "merge-blocked";

export type Gone = {
  readonly runs: readonly RunSummary[];
  readonly status: TaskStatus;
  readonly needs: readonly string[];
};

type GoAsk = {
  readonly key: TaskKey;
  readonly agents: string | null;
  readonly sandbox: Sandbox | null;
  readonly network: Network | null;
  readonly parallel: number;
  readonly budget: RunRequest["budget"] | null;
  readonly via: string;
  /** A file with a person's answers, taken before anything else. */
  readonly answers: string | null;
};

/**
 * The runs to go on with before another is started: one, or all stages that were stopped in the middle. One that stopped again in
 * this very call is left to a person.
 */
function openRunsOf({ interrupted, runs }: TaskStatus, done: readonly RunSummary[]): readonly string[] {
  const prepared = runs.filter((run) => run.outcome === "prepared").map(({ id }) => id);
  const paused = pausedRuns(runs).flatMap(({ id }) => (done.some((run) => run.id === id) ? [] : [id]));
  const open = [...interrupted, ...prepared, ...paused];
  const isStage = (id: string): boolean => readRun(id).stage !== null;
  return open[0] !== undefined && isStage(open[0]) ? open.filter(isStage) : open.slice(0, 1);
}

/** Runs that a quota or budget stopped and that no later run took the place of. */
const pausedRuns = (runs: readonly RunSummary[]): RunSummary[] =>
  runs.filter(
    (run, index) =>
      isPause(run.outcome) &&
      !runs.slice(index + 1).some(({ taskType, stage }) => taskType === run.taskType && stage === run.stage),
  );

/** Run after run until a gate needs a person; says what to decide, also to `notify`. Interrupted runs are resumed first. */
export const go = (world: World, cwd: string, ask: GoAsk): Promise<Gone> =>
  tellingGates(world, { cwd, key: ask.key }, { body: () => goOn(world, cwd, ask), lastOf: ({ runs }) => runs.at(-1) });

export type GoPlan = {
  readonly status: TaskStatus;
  /** Runs that would be resumed. */
  readonly resumes: readonly string[];
  /** Where none would be: what a person has to do before another can start. */
  readonly needs: readonly string[];
  /** The run that would be started first. */
  readonly request: RunRequest | null;
};

type NextAsk = Omit<GoAsk, "parallel" | "answers">;

/** What `go` would do first; changes nothing. */
export async function planGo(world: World, cwd: string, ask: NextAsk): Promise<GoPlan> {
  const status = await taskStatus(world, cwd, ask.key);
  const resumes = openRunsOf(status, []);
  const needs = resumes.length > 0 ? [] : needsNow(status);
  const { next } = status.task;
  const starts = resumes.length === 0 && needs.length === 0 && next !== null && next.taskType !== "release-handoff";
  return { status, resumes, needs, request: starts ? requestOf(cwd, ask, next.taskType) : null };
}

function requestOf(
  cwd: string,
  { key, agents, sandbox, network, via, budget }: NextAsk,
  taskType: TaskType,
): RunRequest {
  const plain = plainRequest(cwd, key, taskType);
  return { ...plain, agents, sandbox, network, via, budget: budget ?? plain.budget };
}

async function goOn(world: World, cwd: string, ask: GoAsk): Promise<Gone> {
  const runs: RunSummary[] = [];
  await settleTask(world, await openProject(world, cwd, ask.key), ask.key);
  if (ask.answers !== null) await answerFromFile(world, { cwd, key: ask.key, file: ask.answers });
  for (;;) {
    const status = await taskStatus(world, cwd, ask.key);
    const open = [...openRunsOf(status, runs)];
    if (open.length > 0) {
      const parallel = open.length === 1 ? 1 : await parallelOf(world, { cwd, ...ask });
      const resumed = await sideBySide(parallel, async () => {
        const id = open.shift();
        return id === undefined ? undefined : { run: resumeOne(world, cwd, { run: readRun(id), budget: ask.budget }) };
      });
      runs.push(...resumed);
      continue;
    }
    const { next } = status.task;
    const last = runs.at(-1);
    const needs = needsNow(status);
    const stuck = last !== undefined && needsPerson(last);
    if (needs.length > 0 || next === null || next.taskType === "release-handoff" || stuck)
      return { runs, status, needs };
    const request = requestOf(cwd, ask, next.taskType);
    if (next.taskType === "implementation")
      runs.push(...(await implementEach(world, { request, parallel: ask.parallel })));
    else runs.push(await startOne(world, request));
  }
}

/** What a person must do before anything can go on; empty when the next phase can start. */
function needsNow({ task, interrupted, left, runs }: TaskStatus): readonly string[] {
  const of = (name: string): readonly string[] => task.gates.find((gate) => gate.name === name)?.needs ?? [];
  if (interrupted.length > 0) return interrupted.map((run) => `Resume ${run}: okstra resume ${shellWord(run)}`);
  const questions = of("clarifications");
  if (questions.length > 0) return questions;
  const pick = pickStop({ task, left, runs });
  if (pick !== null) return pick.needs;
  if (task.next !== null) return [];
  if (task.fixCycle?.state === "open" && task.fixCycle.handedOver)
    return [`Close fix cycle ${task.fixCycle.cycle}: okstra fixcycle close ${shellWord(task.key)}`];
  if (task.stages.length === 0) return of("plan approval");
  return of(waitsForMerge(task.stages) ? "whole-task verification" : "acceptance");
}
