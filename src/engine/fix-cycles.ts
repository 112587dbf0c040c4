/** What the rows of the fix cycles say, brought into the task's manifest, and the runs of the present cycle brought into the rows. */
import { runsOfCycle } from "../lifecycle/index.ts";
import type { RunManifest, RunSummary, TaskManifest } from "../lifecycle/task.schema.ts";
import { readTaskKey, take } from "../model/index.ts";
import {
  newestCycle,
  presentCycle,
  readFixCycles,
  readTaskManifest,
  restoreFixCycles,
  type TaskPlace,
  writeFixCycle,
  writeTaskManifest,
} from "../registry/index.ts";
import type { FixCycleRow } from "../registry/registry.schema.ts";
import { nowOf, type ProjectPlace, placeOf, type World } from "./world.ts";

/** The caller holds the task lock. */
export async function settleFixCycles(world: World, place: TaskPlace): Promise<void> {
  const rows = take(await readFixCycles(world.host, place));
  const task = take(await readTaskManifest(world.host, place));
  if (task === undefined) return;
  const cycle = presentCycle(rows);
  const runs = task.runs.map((run) => inItsCycle(run, rows));
  if (task.cycle !== cycle || runs.some((run, at) => run !== task.runs[at]))
    take(await writeTaskManifest(world.host, place, { ...task, cycle, runs, updatedAt: nowOf(world) }));
  if (rows.length === 0) return;
  take(await restoreFixCycles(world.host, place));
  const newest = newestCycle(rows);
  if (newest?.state !== "open") return;
  for (const { id, startedAt } of runsOfCycle(runs, newest.cycle)) {
    if (newest.runs.includes(id)) continue;
    const row = { schemaVersion: 1, status: "run", cycle: newest.cycle, run: id, time: startedAt } as const;
    take(await writeFixCycle(world.host, place, row));
  }
}

/** As its row says; one without a row is of the cycle it names if that was open when it began, else of none. */
function inItsCycle(run: RunSummary, rows: readonly FixCycleRow[]): RunSummary {
  const named = rows.find((row) => row.status === "run" && row.run === run.id)?.cycle;
  const opened = rows.find((row) => row.status === "opened" && row.cycle === run.cycle);
  const claimed = opened?.status === "opened" && opened.time <= run.startedAt ? run.cycle : undefined;
  const cycle = named ?? claimed;
  if (run.cycle === cycle) return run;
  const { cycle: _, ...rest } = run;
  return cycle === undefined ? rest : { ...rest, cycle };
}

/** What a run that is prepared now is told of the open fix cycle. */
export async function openCycleOf(
  world: World,
  { projectRoot }: Pick<ProjectPlace, "projectRoot">,
  task: TaskManifest,
): Promise<RunManifest["fixCycle"] | null> {
  if (task.cycle === 0) return null;
  const rows = take(await readFixCycles(world.host, placeOf(world, projectRoot, readTaskKey(task.key))));
  const newest = newestCycle(rows);
  return newest?.state === "open" ? { reason: newest.reason, reopens: newest.reopens } : null;
}
