/** From what the command line asks to what the engine is asked: the project and the phase that were left open are found. */
import { type RunRequest, type TaskStatus, taskStatus } from "../engine/index.ts";
import { fault, printKey, shellWord, type TaskKey, type TaskType, take } from "../model/index.ts";
import type { Context } from "./context.ts";
import { keyOf } from "./key-of.ts";
import type { RunAsk } from "./run-ask.ts";

export async function requestOf(context: Context, ask: RunAsk): Promise<RunRequest> {
  const key = await keyOf(context, ask.task);
  const taskType = ask.taskType ?? (await nextTaskType(context, key, ask.wishes.fixCycle === "yes"));
  if (ask.task.project === null) context.say(`Task ${printKey(key)}, ${taskType}`);
  return { ...ask.wishes, cwd: context.cwd, key, taskType, via: context.via };
}

/** The phase that comes next for an existing task, which may be reopened first: then everything is made anew, from the plan on. */
async function nextTaskType({ world, cwd }: Context, key: TaskKey, reopens: boolean): Promise<TaskType> {
  const status = take(await taskStatus(world, cwd, key));
  if (reopens && status.task.fixCycle?.state !== "open") return "implementation-planning";
  if (status.task.next !== null) return status.task.next.taskType;
  throw fault("gate-closed", `${printKey(key)}: no phase can start now`, whatToDo(status), { key: printKey(key) });
}

const whatToDo = (status: TaskStatus): string => `okstra status ${shellWord(status.task.key)} shows what it needs`;
