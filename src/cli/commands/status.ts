/** `okstra status TASK`: where a task stands. */
import { type Command, define } from "../command.ts";
import { keyOptions, readTaskAsk, type TaskAsk } from "../task-ask.ts";

export type StatusOptions = { readonly task: TaskAsk | null };

export const status: Command<StatusOptions> = define({
  name: "status",
  group: "looking",
  summary: "where a task stands: gates and what they need, stages, runs, open questions",
  usage: "[TASK]",
  positionals: [
    { name: "TASK", about: "the task's key; default: the task last touched in this project", required: false },
  ],
  options: keyOptions,
  examples: ["okstra status shop/checkout/wrong-total", "okstra status --json"],
  read: ({ values, words: [word] }) => ({ task: readTaskAsk(values, word) ?? null }),
  run: async (context, options) => (await import("../actions/status.ts")).status(context, options),
});
