/** A word that names a task or a run. Pure. */
import { type RunRef, readRun } from "../model/index.ts";
import { usageFault, type Values } from "./command.ts";
import { type keyOptions, readTaskAsk, type TaskAsk } from "./task-ask.ts";

/** A run, or a task. */
export type Subject = { readonly is: "run"; readonly run: RunRef } | { readonly is: "task"; readonly task: TaskAsk };
export type RunSubject = { readonly run: RunRef };

export function readSubject(values: Values<typeof keyOptions>, word: string | undefined, howTo: string): Subject {
  if (word?.includes("@") === true) return { is: "run", run: readRun(word) };
  const task = readTaskAsk(values, word);
  if (task !== undefined) return { is: "task", task };
  throw usageFault("TASK or RUN is missing", `Write ${howTo}; okstra list shows the tasks`);
}
