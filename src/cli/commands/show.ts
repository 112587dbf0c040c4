/** `okstra show TASK|RUN`: one run in full, or a task with the files of its runs. */
import { type Command, define } from "../command.ts";
import { readSubject, type Subject } from "../subject.ts";
import { keyOptions } from "../task-ask.ts";

export type ShowOptions = { readonly subject: Subject };

export const show: Command<ShowOptions> = define({
  name: "show",
  aliases: ["task-show"],
  group: "looking",
  summary: "one run in full, or a task with the files of its runs",
  usage: "TASK|RUN",
  positionals: [{ name: "TASK|RUN", about: "a task's key or a run's id", required: false }],
  options: keyOptions,
  examples: ["okstra show 'shop/checkout/wrong-total@error-analysis#001'", "okstra show shop/checkout/wrong-total"],
  read: ({ values, words: [word] }) => ({ subject: readSubject(values, word, "okstra show TASK|RUN") }),
  run: async (context, options) => (await import("../actions/show.ts")).show(context, options),
});
