/**
 * A person reopens a task for a fix: one that was handed over, or one whose verification found faults. From then on plan, stages,
 * verification and hand-off are made anew; what was before is history that every worker is told of. The row comes first: a kill
 * after it leaves a manifest that the next command settles.
 */
import { inPresentCycle } from "../lifecycle/index.ts";
import type { RunSummary, TaskManifest } from "../lifecycle/task.schema.ts";
import { fault, readRun, readTaskKey, shellWord, take } from "../model/index.ts";
import {
  type FixCycle,
  newestCycle,
  readFixCycles,
  readTaskManifest,
  type TaskPlace,
  taskLock,
  withLock,
  writeFixCycle,
} from "../registry/index.ts";
import { type Decision, opened, personOf } from "./decide.ts";
import { settleFixCycles } from "./fix-cycles.ts";
import { interruptedRuns } from "./interrupted.ts";
import type { RunRequest } from "./prepare/request.ts";
import type { Undo } from "./prepare/undo.ts";
import { refuseAgents } from "./refuse-agents.ts";
import { requireTask } from "./require-task.ts";
import { readRunState } from "./run-state.ts";
import { nowOf, type ProjectPlace, placeOf, type World } from "./world.ts";

export type Reopening = Decision & { readonly reason: string; readonly via: string };

/** Throws `fix-cycle-refused` where one is open, nothing is finished that could be reopened, or a run is under way. */
export async function openFixCycle(world: World, ask: Reopening): Promise<FixCycle> {
  const { project } = await opened(world, ask, "okstra fixcycle");
  const place = placeOf(world, project.projectRoot, ask.key);
  return await withLock(world.host, taskLock(world.home, ask.key), "open a fix cycle", async () => {
    const task = await taskOf(world, project, ask);
    const newest = await newestOf(world, place);
    if (newest?.state === "open")
      throw refused(task, isOpen(task, newest), `Go on in it: okstra go ${shellWord(task.key)}`);
    return await reopen(world, project, { ...ask, opening: await openingOf(world, project, task) });
  });
}

/**
 * What `--fix-cycle` of a run means: `yes` is in the open cycle, or opens one whose reason is the run's directive; `no` is in none. Gives
 * the number of the cycle that has to be opened, or null. Throws `fix-cycle-refused`, `usage`, `not-a-task`. Looks only.
 */
export async function wantedFixCycle(
  world: World,
  project: ProjectPlace,
  request: FixCycleWish,
): Promise<number | null> {
  if (request.fixCycle === null) return null;
  const task = await requireTask(world, project.projectRoot, request.key);
  const newest = await newestOf(world, placeOf(world, project.projectRoot, request.key));
  if (request.fixCycle === "no") {
    if (newest?.state !== "open") return null;
    const close = `okstra fixcycle close ${shellWord(task.key)}`;
    throw refused(
      task,
      `${isOpen(task, newest)}; every run is in it`,
      `Leave out --fix-cycle no; or end the cycle: ${close}`,
    );
  }
  if (newest?.state === "open") return null;
  if ((request.directive?.trim() ?? "") === "")
    throw fault(
      "usage",
      "--fix-cycle yes opens a fix cycle, and its reason is missing",
      'Say what is to be fixed: --directive "..."',
      {
        key: task.key,
      },
    );
  return (await openingOf(world, project, task)).cycle;
}

type FixCycleWish = Pick<RunRequest, "key" | "fixCycle" | "directive" | "via">;

/** Opens the cycle that the run wants; it is dropped again when the run cannot be prepared. The caller holds no lock of the task. */
export async function enterFixCycle(
  world: World,
  project: ProjectPlace,
  request: FixCycleWish,
  tx: Undo,
): Promise<void> {
  if ((await wantedFixCycle(world, project, request)) === null) return;
  await refuseAgents(world, "okstra run --fix-cycle yes");
  const { key, via, directive } = request;
  const lock = taskLock(world.home, key);
  await withLock(world.host, lock, "open a fix cycle", async () => {
    if ((await wantedFixCycle(world, project, request)) === null) return;
    const opening = await openingOf(world, project, await taskOf(world, project, request));
    tx.onFailure(() => withLock(world.host, lock, "undo", () => dropUnused(world, project, request, opening.cycle)));
    await reopen(world, project, { key, via, reason: directive?.trim() ?? "", opening });
  });
}

/** Unless another run is in it by now. */
async function dropUnused(
  world: World,
  project: ProjectPlace,
  { key, via }: FixCycleWish,
  cycle: number,
): Promise<void> {
  const place = placeOf(world, project.projectRoot, key);
  const newest = await newestOf(world, place);
  if (newest?.cycle !== cycle || newest.state !== "open" || newest.runs.length > 0) return;
  const note = "its first run could not be prepared";
  const row = { schemaVersion: 1, status: "closed", cycle, as: "dropped", note, via } as const;
  take(await writeFixCycle(world.host, place, { ...row, who: await personOf(world, project), time: nowOf(world) }));
  await settleFixCycles(world, place);
}

type Opening = { readonly cycle: number; readonly reopens: string };

async function openingOf(world: World, project: ProjectPlace, task: TaskManifest): Promise<Opening> {
  await refuseUnderWay(world, project, task);
  const newest = await newestOf(world, placeOf(world, project.projectRoot, readTaskKey(task.key)));
  return { cycle: (newest?.cycle ?? 0) + 1, reopens: finished(task).id };
}

type Reopened = Omit<Reopening, "cwd"> & { readonly opening: Opening };

/** The caller holds the task lock. */
async function reopen(world: World, project: ProjectPlace, { key, reason, via, opening }: Reopened): Promise<FixCycle> {
  const place = placeOf(world, project.projectRoot, key);
  const [who, time] = [await personOf(world, project), nowOf(world)];
  const row = { schemaVersion: 1, status: "opened", ...opening, reason, who, via, time } as const;
  take(await writeFixCycle(world.host, place, row));
  await settleFixCycles(world, place);
  return { ...opening, state: "open", reason, openedAt: time, runs: [] };
}

const newestOf = async (world: World, place: TaskPlace): Promise<FixCycle | undefined> =>
  newestCycle(take(await readFixCycles(world.host, place)));

const isOpen = (task: TaskManifest, { cycle, openedAt, reason }: FixCycle): string =>
  `Fix cycle ${cycle} of ${task.key} is open since ${openedAt}: ${reason}`;

export type Closed = { readonly cycle: FixCycle; readonly as: "handed-over" | "dropped" };

/** Throws `fix-cycle-refused` where none is open, or a run is under way. */
export async function closeFixCycle(
  world: World,
  ask: Decision & { readonly note: string; readonly drop: boolean; readonly via: string },
): Promise<Closed> {
  const { project } = await opened(world, ask, "okstra fixcycle");
  const place = placeOf(world, project.projectRoot, ask.key);
  return await withLock(world.host, taskLock(world.home, ask.key), "close a fix cycle", async () => {
    const task = await taskOf(world, project, ask);
    const newest = await newestOf(world, place);
    if (newest?.state !== "open") {
      const none = newest === undefined ? "has no fix cycle" : `has no open fix cycle; ${newest.cycle} is closed`;
      const open = `Open one: okstra fixcycle open ${shellWord(task.key)} --reason "..."`;
      throw refused(task, `${task.key} ${none}`, open);
    }
    await refuseUnderWay(world, project, task);
    const { cycle } = newest;
    const as = handedOver(inPresentCycle(task).runs) === undefined ? "dropped" : "handed-over";
    if (as === "dropped" && !ask.drop) {
      const message = `Nothing was handed over in fix cycle ${cycle} of ${task.key}`;
      const drop = `okstra fixcycle close ${shellWord(task.key)} --drop`;
      throw refused(task, message, `Finish it: okstra go ${shellWord(task.key)}; to give it up: ${drop}`);
    }
    const { note, via } = ask;
    const who = await personOf(world, project);
    take(
      await writeFixCycle(world.host, place, {
        ...{ schemaVersion: 1, status: "closed", cycle, as, note, who, via, time: nowOf(world) },
      }),
    );
    await settleFixCycles(world, place);
    return { cycle: { ...newest, state: "closed" }, as };
  });
}

/** As it stands now that the lock is held. */
async function taskOf(
  world: World,
  { projectRoot }: ProjectPlace,
  { key }: Pick<Decision, "key">,
): Promise<TaskManifest> {
  const task = take(await readTaskManifest(world.host, placeOf(world, projectRoot, key)));
  if (task === undefined) throw new Error("the task vanished");
  return task;
}

const refused = (task: TaskManifest, message: string, remedy: string) =>
  fault("fix-cycle-refused", message, remedy, { key: task.key, cycle: task.cycle });

const handedOver = (runs: readonly RunSummary[]): RunSummary | undefined =>
  runs.findLast((run) => run.taskType === "release-handoff" && run.outcome === "completed");

/** The run whose result is reopened: the newest hand-off, or a later verification of the whole task that did not accept. */
function finished(task: TaskManifest): RunSummary {
  const { runs } = inPresentCycle(task);
  const ends = runs.filter((run) => run === handedOver(runs) || foundFaults(run));
  const newest = ends.at(-1);
  if (newest !== undefined) return newest;
  throw refused(
    task,
    `${task.key} cannot be reopened: nothing was handed over, and no verification of the whole task found faults`,
    `Go on with it: okstra go ${shellWord(task.key)}`,
  );
}

const foundFaults = (run: RunSummary): boolean =>
  run.taskType === "final-verification" &&
  run.scope === "task" &&
  run.outcome === "completed" &&
  (run.verdict === "blocked" || run.verdict === "conditional-accept");

/** A run that goes on in another cycle than it began in would build for a plan that no longer counts. */
async function refuseUnderWay(world: World, project: ProjectPlace, task: TaskManifest): Promise<void> {
  for (const { id, outcome } of task.runs) {
    if (outcome !== null && outcome !== "prepared") continue;
    const { summary } = await readRunState(world, project, readRun(id));
    if (summary.outcome !== null && summary.outcome !== "prepared") continue;
    const [resume, cancel] = [`okstra resume ${shellWord(id)}`, `okstra cancel ${shellWord(id)}`];
    if (summary.outcome === "prepared")
      throw refused(task, `${id} is prepared`, `Execute it: ${resume}; or give it up: ${cancel}`);
    if ((await interruptedRuns(world, [summary])).length > 0)
      throw refused(
        task,
        `${id} was interrupted and has not ended`,
        `Go on with it: ${resume}; or give it up: ${cancel}`,
      );
    throw refused(task, `${id} is under way`, `Let it end: okstra wait ${shellWord(id)}; or give it up: ${cancel}`);
  }
}
