/** `answered` becomes `resolved` when a run has taken the answer in: its prompts hold it. */
import { take } from "../model/index.ts";
import { readClarifications, type TaskPlace, writeClarification } from "../registry/index.ts";
import { nowOf, type World } from "./world.ts";

/** The caller holds the task lock. */
export async function takeInAnswers(world: World, place: TaskPlace, run: string): Promise<void> {
  for (const item of take(await readClarifications(world.host, place))) {
    if (item.status !== "answered") continue;
    const resolved = { ...item, status: "resolved", resolvedIn: run, time: nowOf(world) } as const;
    take(await writeClarification(world.host, place, resolved));
  }
}
