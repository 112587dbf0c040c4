/** Finds a task that must be there. */
import { nearestKey } from "../lifecycle/index.ts";
import type { TaskManifest } from "../lifecycle/task.schema.ts";
import { fault, printKey, shellWord, type TaskKey, take } from "../model/index.ts";
import { readCatalog, readTaskManifest } from "../registry/index.ts";
import { placeOf, type World } from "./world.ts";

/** The task of an existing key. Throws `not-a-task` with the nearest key. */
export async function requireTask(world: World, projectRoot: string, key: TaskKey): Promise<TaskManifest> {
  const found = take(await readTaskManifest(world.host, placeOf(world, projectRoot, key)));
  if (found !== undefined) return found;
  const keys = take(await readCatalog(world.host, projectRoot)).tasks.map((task) => task.key);
  const near = nearestKey(keys, printKey(key));
  throw fault(
    "not-a-task",
    `There is no task ${printKey(key)}${near === undefined ? "" : `; did you mean ${near}?`}`,
    `okstra list shows the tasks; to start it: okstra run BRIEF --task-key ${shellWord(printKey(key))} --task-type error-analysis --base-ref main`,
    { key: printKey(key), near: near ?? null },
  );
}
