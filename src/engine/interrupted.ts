/** Runs that were started and whose engine is gone. */
import type { RunSummary } from "../lifecycle/task.schema.ts";
import { readRun } from "../model/index.ts";
import { runLock } from "../registry/index.ts";
import type { World } from "./world.ts";

/** Nobody holds their lock: they can be resumed. */
export async function interruptedRuns(world: World, runs: readonly RunSummary[]): Promise<readonly string[]> {
  const open = runs.filter((run) => run.outcome === null);
  const owners = await Promise.all(open.map((run) => world.host.locks.owner(runLock(world.home, readRun(run.id)))));
  return open.filter((_, index) => owners[index] === undefined).map((run) => run.id);
}
