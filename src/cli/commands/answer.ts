/** `okstra answer TASK ID TEXT`: a person answers a question. */
import { readTaskKey } from "../../model/index.ts";
import { type Command, define } from "../command.ts";
import type { TaskAsk } from "../task-ask.ts";

export type AnswerOptions = { readonly task: TaskAsk; readonly id: string; readonly text: string };

export const answer: Command<AnswerOptions> = define({
  name: "answer",
  group: "gates",
  summary: "answers a clarification item",
  usage: "TASK ID TEXT",
  positionals: [
    { name: "TASK", about: "the task's key", required: true },
    { name: "ID", about: "the item, for example C-001; okstra status TASK shows what is open", required: true },
    { name: "TEXT", about: "the answer; - reads it from stdin", required: true },
  ],
  options: {},
  notes: ["The next run takes the answer in. Answering again replaces an answer that no run has taken in yet."],
  examples: ['okstra answer shop/checkout/wrong-total C-001 "round to cents per line, then add up"'],
  read: ({ words: [task, id, text] }) => ({
    task: readTaskKey(task ?? ""),
    id: id ?? "",
    text: text ?? "",
  }),
  run: async (context, options) => (await import("../actions/answer.ts")).answer(context, options),
});
