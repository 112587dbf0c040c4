/**
 * A person reopens a task for a fix: one that was handed over, or one whose verification found faults. From then on plan, stages,
 * verification and hand-off are made anew; what was before is history that every worker is told of. The row comes first: a kill
 * after it leaves a manifest that the next command settles.
 */
import { inPresentCycle } from "../lifecycle/index.ts";
import type { RunSummary, TaskManifest } from "../lifecycle/task.schema.ts";
import { fault, readRun, shellWord, take } from "../model/index.ts";
import {
  type FixCycle,
  newestCycle,
  readFixCycles,
  readTaskManifest,
  taskLock,
  withLock,
  writeFixCycle,
} from "../registry/index.ts";
import { type Decision, opened, personOf } from "./decide.ts";
import { settleFixCycles } from "./fix-cycles.ts";
import { readRunState } from "./run-state.ts";
import { nowOf, type ProjectPlace, placeOf, type World } from "./world.ts";

export type Reopening = Decision & { readonly reason: string; readonly via: string };

/** Throws `fix-cycle-refused` where one is open, nothing is finished that could be reopened, or a run is under way. */
export async function openFixCycle(world: World, ask: Reopening): Promise<FixCycle> {
  const { project } = await opened(world, ask, "okstra fixcycle");
  const place = placeOf(world, project.projectRoot, ask.key);
  return await withLock(world.host, taskLock(world.home, ask.key), "open a fix cycle", async () => {
    const task = await taskOf(world, project, ask);
    const rows = take(await readFixCycles(world.host, place));
    const newest = newestCycle(rows);
    if (newest?.state === "open") {
      const message = `Fix cycle ${newest.cycle} of ${task.key} is open since ${newest.openedAt}: ${newest.reason}`;
      throw refused(task, message, `Go on in it: okstra go ${shellWord(task.key)}`);
    }
    await refuseUnderWay(world, project, task);
    const [who, time] = [await personOf(world, project), nowOf(world)];
    const { reason, via } = ask;
    const cycle = (newest?.cycle ?? 0) + 1;
    const reopens = finished(task).id;
    take(
      await writeFixCycle(world.host, place, {
        ...{ schemaVersion: 1, status: "opened", cycle, reopens, reason, who, via, time },
      }),
    );
    await settleFixCycles(world, place);
    return { cycle, state: "open", reason, reopens, openedAt: time, runs: [] };
  });
}

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
    const newest = newestCycle(take(await readFixCycles(world.host, place)));
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
async function taskOf(world: World, { projectRoot }: ProjectPlace, { key }: Decision): Promise<TaskManifest> {
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
    const how = `okstra resume ${shellWord(id)}`;
    const message = `${id} is ${summary.outcome === null ? "under way" : "prepared"}`;
    throw refused(task, message, `Let it end (${how}) or give it up: okstra cancel ${shellWord(id)}`);
  }
}
