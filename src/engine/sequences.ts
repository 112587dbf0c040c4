/** The sequence numbers that a run folder holds, ascending. */
import { sequenceOf } from "../lifecycle/index.ts";
import type { TaskType } from "../model/index.ts";
import type { World } from "./world.ts";

export async function sequencesIn(world: World, folder: string, taskType: TaskType): Promise<readonly number[]> {
  const entries = await world.host.files.list(`${folder}/manifests`);
  return entries
    .map((entry) => sequenceOf(entry.name, taskType))
    .filter((seq) => seq !== undefined)
    .sort((a, b) => a - b);
}
