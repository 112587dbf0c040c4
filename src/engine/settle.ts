/** Finishes what a kill between `run.ended` and the end of its record left: the hold given back, the projections written. */
import { segmentPath } from "../lifecycle/index.ts";
import { readRun, take } from "../model/index.ts";
import { holderAlive, readRegistry, runLock } from "../registry/index.ts";
import { settleEnd } from "./ending.ts";
import { openRun } from "./execute.ts";
import type { ProjectPlace, TaskKey, World } from "./world.ts";

/** Looks at every held stage of the task whose process is dead. */
export async function settleEndedRuns(world: World, project: ProjectPlace, key: TaskKey): Promise<void> {
  const registry = take(await readRegistry(world.host, world.home));
  const own = `${segmentPath(key)}#`;
  for (const [name, entry] of Object.entries(registry.entries)) {
    if (!name.startsWith(own) || entry.status !== "active" || holderAlive(world.host, entry)) continue;
    const ref = readRun(entry.holder.run);
    const lock = await world.host.locks.tryAcquire(runLock(world.home, ref), "settle an ended run");
    if (lock === undefined) continue;
    await using _lock = lock;
    const run = await openRun(world, project, ref);
    if (run.journal.events.at(-1)?.type === "run.ended") await settleEnd(run);
  }
}
