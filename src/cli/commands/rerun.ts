/** `okstra rerun SELECTOR`: runs again what earlier runs were asked for. */
import { type Command, define, usageFault } from "../command.ts";
import { type Execution, executeOptions, readExecution } from "../execute-flags.ts";
import { readCount } from "../run-flags.ts";

export type RerunOptions = Execution & {
  readonly selector: string;
  readonly max: number | null;
  readonly dryRun: boolean;
};

export const rerun: Command<RerunOptions> = define({
  name: "rerun",
  group: "steering",
  summary: "runs again what earlier runs were asked for, each with a new sequence number",
  usage: "SELECTOR [--max N] [--dry-run] [--detach]",
  positionals: [
    {
      name: "SELECTOR",
      about: "run ids, task:KEY, type:TYPE, failed, since:DATE, joined by commas",
      required: true,
    },
  ],
  options: {
    max: { type: "string", value: "N", about: "starts at most so many; the others are skipped" },
    "dry-run": { type: "boolean", about: "says what would be run again and changes nothing" },
    ...executeOptions,
  },
  notes: [
    "Parts of one kind are alternatives; a run must fit every kind that is named. Without a run id or a task it is picked among the runs of this project. failed: ended as failed, no-work, budget-exceeded, quota-paused or contract-violation.",
    "The numbers of the whole batch are taken before the first run starts; then one after another is executed, or with --detach each in a process of its own. Runs of an implementation are rejected: start the next ready stage instead. A record of the batch is kept in the home's folder batches.",
  ],
  examples: [
    "okstra rerun 'shop/checkout/wrong-total@error-analysis#001'",
    "okstra rerun failed,since:2026-11-21 --dry-run",
    "okstra rerun task:shop/checkout/wrong-total,type:final-verification --max 1 --detach",
  ],
  read: ({ values, words: [word] }) => {
    if (word === undefined || word.trim() === "") throw usageFault("SELECTOR is empty", "Write okstra rerun SELECTOR");
    return {
      ...readExecution(values),
      selector: word,
      max: values.max === undefined ? null : readCount("--max", values.max, 1_000),
      dryRun: values["dry-run"],
    };
  },
  run: async (context, options) => (await import("../actions/rerun.ts")).rerun(context, options),
});
