/** `okstra cancel RUN`: ends a run for good. */
import { readRun } from "../../model/index.ts";
import { type Command, define } from "../command.ts";
import type { RunSubject } from "../subject.ts";

export const cancel: Command<RunSubject> = define({
  name: "cancel",
  group: "steering",
  summary: "ends a run for good and gives back what it holds",
  usage: "RUN",
  positionals: [{ name: "RUN", about: "the run's id; okstra status TASK shows it", required: true }],
  options: {},
  notes: ["A run that another process executes is asked to stop first. Commits and uncommitted work are kept."],
  examples: ["okstra cancel 'shop/checkout/wrong-total@implementation.stage-2#001'"],
  read: ({ words: [word] }) => ({ run: readRun(word ?? "") }),
  run: async (context, options) => (await import("../actions/cancel.ts")).cancel(context, options),
});
