/** Where a task stands. */
import { listTasks, taskStatus } from "../../engine/index.ts";
import { fault, readTaskKey, type TaskKey, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { StatusOptions } from "../commands/status.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";
import { statusText } from "../status-text.ts";

export async function status(context: Context, { task }: StatusOptions): Promise<Answer> {
  const key = task === null ? await latestTask(context) : await keyOf(context, task);
  const seen = take(await taskStatus(context.world, context.cwd, key));
  return { json: seen, text: (paint) => statusText(seen, paint), exit: 0 };
}

async function latestTask({ world, cwd }: Context): Promise<TaskKey> {
  const [latest] = take(await listTasks(world, cwd));
  if (latest !== undefined) return readTaskKey(latest.key);
  throw fault(
    "not-a-task",
    "This project has no task yet",
    "Start one: okstra run BRIEF --task-type error-analysis --base-ref main",
  );
}
