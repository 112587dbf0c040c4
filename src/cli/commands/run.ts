/** `okstra run`: one run from a request. */
import { type Command, define } from "../command.ts";
import { dryRunOption, type Execution, executeOptions, readExecution } from "../execute-flags.ts";
import { briefWord, type RunAsk, readRunAsk } from "../run-ask.ts";
import { runOptions } from "../run-flags.ts";

export type RunOptions = Execution & { readonly ask: RunAsk; readonly renderOnly: boolean; readonly dryRun: boolean };

export const run: Command<RunOptions> = define({
  name: "run",
  group: "work",
  summary: "prepares and executes one run",
  usage: "[BRIEF] --task-key KEY --task-type TYPE [flags]",
  positionals: [briefWord],
  options: {
    ...runOptions,
    ...executeOptions,
    ...dryRunOption,
    "render-only": { type: "boolean", about: "prepares only, as okstra prepare does" },
  },
  notes: [
    "Without a task key the task is named after the brief: <project of the folder>/tasks/<name of the file>. Without a task type an existing task goes on with the phase that comes next.",
    "Exit code 0: the run is complete. 3: a person has something to decide. 4: an agent failed. See docs/reference/cli.md.",
  ],
  examples: [
    "okstra run bug.md --task-key shop/checkout/wrong-total --task-type error-analysis --base-ref main",
    "okstra run --task-key shop/checkout/wrong-total --task-type implementation-planning",
  ],
  read: (given) => ({
    ...readExecution(given.values),
    ask: readRunAsk(given),
    renderOnly: given.values["render-only"],
    dryRun: given.values["dry-run"],
  }),
  run: async (context, options) => (await import("../actions/run.ts")).run(context, options),
});
