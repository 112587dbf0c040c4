/** `okstra inspect TASK|RUN`: why each item ended in its class. */
import { type Command, define } from "../command.ts";
import { readSubject, type Subject } from "../subject.ts";
import { keyOptions } from "../task-ask.ts";

export type InspectOptions = { readonly subject: Subject; readonly items: readonly string[] };

export const inspect: Command<InspectOptions> = define({
  name: "inspect",
  group: "looking",
  summary: "why each finding of a run was confirmed, refuted or left open",
  usage: "TASK|RUN [--item ID]",
  positionals: [{ name: "TASK|RUN", about: "a run's id, or a task's key: its newest run with items", required: false }],
  options: {
    ...keyOptions,
    item: {
      type: "string",
      multiple: true,
      value: "ID",
      about: "only this one, step by step: F-001, or P-STG-1 of a plan",
    },
  },
  notes: [
    "Without --item a line for each; with it who stated it, with which evidence and how that was checked, who was asked and said what in which round, the votes by family, and each rule up to the one that fits. --json has every step of all of them.",
  ],
  examples: [
    "okstra inspect shop/checkout/wrong-total",
    "okstra inspect 'shop/checkout/wrong-total@error-analysis#001' --item F-002",
  ],
  read: ({ values, words: [word] }) => ({
    subject: readSubject(values, word, "okstra inspect TASK|RUN"),
    items: values.item,
  }),
  run: async (context, options) => (await import("../actions/inspect.ts")).inspect(context, options),
});
