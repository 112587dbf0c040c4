/** How a command line names a task: `p/g/t` or `p:g:t`, as a word or by flags; the project may be left to the folder. Pure. */
import { readTaskKey, type TaskKey } from "../model/index.ts";
import { type OptionTable, usageFault, type Values } from "./command.ts";

export const keyOptions = {
  "task-key": { type: "string", value: "KEY", about: "the task, as <project>/<group>/<task>" },
  "project-id": { type: "string", value: "ID", about: "the project alone; default: that of the folder" },
  "task-group": { type: "string", value: "ID", about: "the task's group alone" },
  "task-id": { type: "string", value: "ID", about: "the task's id alone" },
} as const satisfies OptionTable;

/** A task as it was asked for; a null project is that of the folder. */
export type TaskAsk = Omit<TaskKey, "project"> & { readonly project: string | null };

/** The task that the word or the flags name; undefined when nothing does. Throws `usage` or `bad-task-key`. */
export function readTaskAsk(values: Values<typeof keyOptions>, word?: string): TaskAsk | undefined {
  const { "task-key": flag, "project-id": project, "task-group": group, "task-id": task } = values;
  if (word !== undefined && flag !== undefined && word !== flag) {
    throw usageFault(`Two tasks are named: ${word} and ${flag}`, "Name the task once");
  }
  const text = word ?? flag;
  if (text !== undefined) return agreeing(readTaskKey(text), { project, group, task });
  if (group === undefined && task === undefined) {
    if (project === undefined) return undefined;
    throw usageFault("--project-id alone names no task", "Add --task-group ID --task-id ID, or write --task-key");
  }
  if (group === undefined || task === undefined) {
    const missing = group === undefined ? "--task-group" : "--task-id";
    throw usageFault(`${missing} is missing`, `Add ${missing} ID, or write --task-key <project>/<group>/<task>`);
  }
  return {
    project: project ?? null,
    group,
    task,
  };
}

/** The same, where the command cannot do without. `howTo` is how the command is written. */
export function requireTaskAsk(values: Values<typeof keyOptions>, word: string | undefined, howTo: string): TaskAsk {
  const found = readTaskAsk(values, word);
  if (found !== undefined) return found;
  throw usageFault("TASK is missing", `Write ${howTo}; okstra list shows the tasks`);
}

type Parts = {
  readonly project: string | undefined;
  readonly group: string | undefined;
  readonly task: string | undefined;
};

function agreeing(key: TaskKey, parts: Parts): TaskAsk {
  for (const part of ["project", "group", "task"] as const) {
    const said = parts[part];
    if (said !== undefined && said !== key[part]) {
      throw usageFault(
        `Two tasks are named: "${key[part]}" and "${said}"`,
        "Name the task once, by --task-key or by its parts",
      );
    }
  }
  return key;
}
