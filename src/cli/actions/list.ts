/** The tasks of a project, newest first. */
import { listTasks } from "../../engine/index.ts";
import type { CatalogEntry } from "../../lifecycle/task.schema.ts";
import { take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { Context } from "../context.ts";
import type { Paint } from "../paint.ts";
import { columns, minuteOf, oneLine, shortened } from "../text.ts";

export async function list({ world, cwd }: Context): Promise<Answer> {
  const tasks = take(await listTasks(world, cwd));
  return { json: { tasks }, text: (paint) => listText(tasks, paint), exit: 0 };
}

export function listText(tasks: readonly CatalogEntry[], paint: Paint): string {
  if (tasks.length === 0) {
    return `No task yet\n${paint.faint("↳")} okstra run BRIEF --task-key <project>/<group>/<task> --task-type error-analysis --base-ref main`;
  }
  const rows = tasks.map((task) => [
    oneLine(task.key),
    task.phase,
    task.outcome ?? (task.notStarted === true ? "not started" : "under way"),
    minuteOf(task.updatedAt),
    shortened(task.title, 60),
  ]);
  const [head = "", ...lines] = columns([["TASK", "PHASE", "OUTCOME", "UPDATED (UTC)", "TITLE"], ...rows]);
  return [paint.faint(head), ...lines].join("\n");
}
