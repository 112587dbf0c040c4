/** What the rows of the fix cycles say, brought into the task's manifest, and the runs of the present cycle brought into the rows. */
import { runsOfCycle } from "../lifecycle/index.ts";
import type { RunManifest, TaskManifest } from "../lifecycle/task.schema.ts";
import { readTaskKey, take } from "../model/index.ts";
import {
  newestCycle,
  presentCycle,
  readFixCycles,
  readTaskManifest,
  type TaskPlace,
  writeFixCycle,
  writeTaskManifest,
} from "../registry/index.ts";
import { nowOf, type ProjectPlace, placeOf, type World } from "./world.ts";

/** The caller holds the task lock. */
export async function settleFixCycles(world: World, place: TaskPlace): Promise<void> {
  const rows = take(await readFixCycles(world.host, place));
  if (rows.length === 0) return;
  const task = take(await readTaskManifest(world.host, place));
  if (task === undefined) return;
  const cycle = presentCycle(rows);
  if (task.cycle !== cycle)
    take(await writeTaskManifest(world.host, place, { ...task, cycle, updatedAt: nowOf(world) }));
  const newest = newestCycle(rows);
  if (newest?.state !== "open") return;
  for (const { id, startedAt } of runsOfCycle(task.runs, newest.cycle)) {
    if (newest.runs.includes(id)) continue;
    const row = { schemaVersion: 1, status: "run", cycle: newest.cycle, run: id, time: startedAt } as const;
    take(await writeFixCycle(world.host, place, row));
  }
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
