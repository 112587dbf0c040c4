/** The task types that this okstra can execute; naming another is refused before anything is made. */
import { fault, type TaskType } from "../model/index.ts";

const notYet = ["release-handoff"] as const satisfies readonly TaskType[];
export type Executable = Exclude<TaskType, (typeof notYet)[number]>;

/** Throws `unknown-task-type` for one that is not built yet. */
export function requireExecutable(taskType: TaskType): Executable {
  if (taskType !== "release-handoff") return taskType;
  throw fault(
    "unknown-task-type",
    `${taskType} is not built yet in this version`,
    "Hand the task branch over by hand: it holds every merged stage; okstra status TASK names it",
    { taskType },
  );
}
