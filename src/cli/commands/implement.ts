/** `okstra implement TASK`: one stage, or all. */
import { type Command, define } from "../command.ts";
import { dryRunOption, type Execution, executeOptions, readExecution } from "../execute-flags.ts";
import { type RunWishes, readCount, readStage, readWishes, workerOptions } from "../run-flags.ts";
import { keyOptions, requireTaskAsk, type TaskAsk } from "../task-ask.ts";

export type ImplementOptions = Execution & {
  readonly task: TaskAsk;
  readonly stage: number | "auto" | "all";
  readonly parallel: number;
  readonly wishes: RunWishes;
  readonly dryRun: boolean;
};

export const implement: Command<ImplementOptions> = define({
  name: "implement",
  group: "work",
  summary: "builds stages of the approved plan, each in a worktree of its own",
  usage: "TASK [--stage auto|N|all] [--parallel K]",
  positionals: [{ name: "TASK", about: "the task's key", required: false }],
  options: {
    ...keyOptions,
    stage: {
      type: "string",
      value: "auto|N|all",
      about: "the next ready stage (default), stage N, or all in order of their dependencies",
    },
    parallel: { type: "string", value: "K", about: "with --stage all: how many ready stages at a time; default 2" },
    ...workerOptions,
    ...executeOptions,
    ...dryRunOption,
  },
  notes: [
    "On a terminal a live view shows the stages, who works on what and what waits for what; its last state stays as plain lines. Elsewhere, in CI, and with --plain or NO_COLOR, progress is told line by line.",
  ],
  examples: [
    "okstra implement shop/checkout/wrong-total --stage all --parallel 2",
    "okstra implement shop/checkout/wrong-total --stage 3",
  ],
  read: ({ values, words: [word] }) => ({
    ...readExecution(values),
    task: requireTaskAsk(values, word, "okstra implement TASK"),
    stage: values.stage === "all" ? "all" : readStage(values.stage ?? "auto"),
    parallel: readCount("--parallel", values.parallel ?? "2", 64),
    wishes: readWishes(values),
    dryRun: values["dry-run"],
  }),
  run: async (context, options) => (await import("../actions/implement.ts")).implement(context, options),
});
