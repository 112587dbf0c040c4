/** `okstra approve TASK`: a person approves the newest plan. */
import { type Command, define } from "../command.ts";
import { keyOptions, requireTaskAsk, type TaskAsk } from "../task-ask.ts";

export type ApproveOptions = { readonly task: TaskAsk; readonly content: string | null; readonly note: string };

export const approve: Command<ApproveOptions> = define({
  name: "approve",
  group: "gates",
  summary: "approves the newest plan of a task, exactly as its report shows it",
  usage: "TASK --content HASH [--note TEXT]",
  positionals: [{ name: "TASK", about: "the task's key", required: false }],
  options: {
    ...keyOptions,
    content: {
      type: "string",
      value: "HASH",
      about: "the first 12 or more characters of the plan's content hash, as its report prints it",
    },
    note: { type: "string", mayBeEmpty: true, value: "TEXT", about: "kept in the approval record" },
  },
  notes: ["Without --content the plan is shown on the terminal and confirmed there; without a terminal that fails."],
  examples: ["okstra approve shop/checkout/wrong-total --content 3f9c01ab77de"],
  read: ({ values, words: [word] }) => ({
    task: requireTaskAsk(values, word, "okstra approve TASK --content HASH"),
    content: values.content?.trim() ?? null,
    note: values.note ?? "",
  }),
  run: async (context, options) => (await import("../actions/approve.ts")).approve(context, options),
});
