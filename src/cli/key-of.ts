/** The task that a command line names, with its project. */
import { projectHere } from "../engine/index.ts";
import { type TaskKey, take } from "../model/index.ts";
import type { Context } from "./context.ts";
import type { TaskAsk } from "./task-ask.ts";

/** The full key; the project is that of the folder where none was named. Throws `not-a-project`. */
export async function keyOf({ world, cwd }: Context, ask: TaskAsk): Promise<TaskKey> {
  const { group, task } = ask;
  return { project: ask.project ?? take(await projectHere(world, cwd)).projectId, group, task };
}
