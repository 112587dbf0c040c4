/** What `run` and `prepare` are asked for: task, task type and wishes, from words and flags. Pure. */
import { basename, extname } from "node:path";
import { isTaskType, type TaskType } from "../model/index.ts";
import { type Given, type Positional, usageFault } from "./command.ts";
import { type RunWishes, readWishes, type runOptions } from "./run-flags.ts";
import { readTaskAsk, type TaskAsk } from "./task-ask.ts";

export type RunAsk = {
  readonly task: TaskAsk;
  /** Null: the phase that comes next. */
  readonly taskType: TaskType | null;
  readonly wishes: RunWishes;
};

export const briefWord: Positional = {
  name: "BRIEF",
  about: "the task in a Markdown file; needed for the first run of a task",
  required: false,
};

export function readRunAsk({ values, words: [word] }: Given<typeof runOptions>): RunAsk {
  const { brief: flag, "task-type": type } = values;
  if (word !== undefined && flag !== undefined && word !== flag) {
    throw usageFault(`Two briefs are named: ${word} and ${flag}`, "Name the brief once");
  }
  const brief = word ?? flag;
  const taskType = type !== undefined && isTaskType(type) ? type : null;
  const task = readTaskAsk(values) ?? (brief === undefined ? undefined : askOfBrief(brief));
  if (task === undefined) {
    throw usageFault(
      "No task is named",
      "Give a brief to start one, or --task-key KEY to go on with one; okstra list shows the tasks",
    );
  }
  if (taskType === null && brief !== undefined) {
    throw usageFault(
      "--task-type is missing",
      "A brief starts with --task-type error-analysis (a fault), requirements-discovery (a wish) or improvement-discovery (a look around)",
    );
  }
  return { task, taskType, wishes: { ...readWishes(values, values), brief: brief ?? null } };
}

/** A task named after its brief: group `tasks`, the file's name without its ending. Throws where the name says nothing. */
function askOfBrief(brief: string): TaskAsk {
  const task = basename(brief, extname(brief));
  if (/[\p{L}\p{N}]/u.test(task) && !namesNothing.has(task.toLowerCase()))
    return { project: null, group: "tasks", task };
  throw usageFault(
    `The brief's name "${basename(brief)}" cannot name the task`,
    "Name it: --task-key <project>/<group>/<task>",
  );
}

const namesNothing = new Set(["brief", "index", "issue", "readme", "spec", "task", "todo"]);
