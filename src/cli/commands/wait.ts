/** `okstra wait RUN`: until a run has ended. */
import { type Outcome, outcomes, type RunRef, readRun } from "../../model/index.ts";
import { type Command, define } from "../command.ts";

export type WaitOptions = { readonly run: RunRef; readonly until: Outcome | null };

export const wait: Command<WaitOptions> = define({
  name: "wait",
  group: "steering",
  summary: "waits until a run that another process executes has ended, and ends as the run did",
  usage: "RUN [--until OUTCOME]",
  positionals: [{ name: "RUN", about: "the run's id; okstra status TASK shows it", required: true }],
  options: {
    until: {
      type: "string",
      value: "OUTCOME",
      choices: outcomes,
      about: "exit code 0 for this outcome only; for any other that of the run, or 1 where that is 0",
    },
  },
  notes: [
    "A run that nobody executes will not end by itself: that is a failure (run-not-executed), named with the command that goes on with it. Interrupting this command leaves the run alone.",
  ],
  examples: [
    "okstra wait 'shop/checkout/wrong-total@implementation.stage-2#001'",
    "okstra wait 'shop/checkout/wrong-total@error-analysis#001' --until completed",
  ],
  read: ({ values, words: [word] }) => ({
    run: readRun(word ?? ""),
    until: outcomes.find((outcome) => outcome === values.until) ?? null,
  }),
  run: async (context, options) => (await import("../actions/wait.ts")).wait(context, options),
});
