/** `okstra logs RUN`: the journal of a run. */
import { type RunRef, readRun } from "../../model/index.ts";
import { type Command, define } from "../command.ts";

export type LogsOptions = { readonly run: RunRef; readonly follow: boolean; readonly events: boolean };

export const logs: Command<LogsOptions> = define({
  name: "logs",
  group: "looking",
  summary: "what a run's journal says, line by line; with -f also what comes, until the run has ended",
  usage: "RUN [-f] [--json-events]",
  positionals: [{ name: "RUN", about: "the run's id; okstra status TASK shows it", required: true }],
  options: {
    follow: { type: "boolean", short: "f", about: "goes on with each new event until the run has ended" },
    "json-events": { type: "boolean", about: "each event as one line of JSON on stdout" },
  },
  notes: [
    "Times are UTC. With --follow it ends when the run has ended, or when no process executes it any more. Under --json the one document comes at the end.",
  ],
  examples: [
    "okstra logs 'shop/checkout/wrong-total@error-analysis#001'",
    "okstra logs 'shop/checkout/wrong-total@implementation.stage-2#001' -f",
  ],
  read: ({ values, words: [word] }) => ({
    run: readRun(word ?? ""),
    follow: values.follow,
    events: values["json-events"],
  }),
  run: async (context, options) => (await import("../actions/logs.ts")).logs(context, options),
});
