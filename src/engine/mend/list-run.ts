/** Lists a run as its journal has it: one that was lost from its task's manifest, or whose end is not shown there. */
import { fault, readRun, take } from "../../model/index.ts";
import { readTaskManifest, taskLock, withLock, writeTaskManifest } from "../../registry/index.ts";
import { waiting } from "../prepare/task-tree.ts";
import { summarise } from "../summary.ts";
import { type ProjectPlace, placeOf, type World } from "../world.ts";
import { taskFacts } from "./task-facts.ts";

/** Throws `not-a-run` when its records are not whole. */
export async function listRun(world: World, project: ProjectPlace, id: string): Promise<string> {
  const { key } = readRun(id);
  return await withLock(
    world.host,
    taskLock(world.home, key),
    `list ${id}`,
    async () => {
      const place = placeOf(world, project.projectRoot, key);
      const task = take(await readTaskManifest(world.host, place));
      const run = (await taskFacts(world, project, key)).runs.find((one) => one.id === id);
      if (task === undefined || run?.manifest == null || run.journal === null)
        throw fault("not-a-run", `${id} is not there as a whole`, "Restore its folder from a copy", { run: id });
      const summary = summarise(project.projectRoot, run.manifest, run.journal.events, run.journal.head);
      const others = task.runs.filter((one) => one.id !== id);
      const runs = [...others, summary].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
      take(await writeTaskManifest(world.host, place, { ...task, runs }));
      return `listed ${id} in the manifest of its task as its journal has it`;
    },
    waiting(world),
  );
}
