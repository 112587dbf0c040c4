/** `okstra reconcile`: brings the records of tasks back to what is true. */
import { type Command, define, usageFault } from "../command.ts";
import { readCount } from "../run-flags.ts";
import { keyOptions, readTaskAsk, type TaskAsk } from "../task-ask.ts";

export type ReconcileOptions = {
  /** Null: every task of the project. */
  readonly task: TaskAsk | null;
  readonly accept: readonly number[];
};

export const reconcile: Command<ReconcileOptions> = define({
  name: "reconcile",
  group: "installation",
  summary: "corrects what a task's records say after a kill, a rebase, or work that was done without okstra",
  usage: "[TASK] [--accept-carry N]",
  positionals: [{ name: "TASK", about: "the task's key; without one every task of the project", required: false }],
  options: {
    ...keyOptions,
    "accept-carry": {
      type: "string",
      multiple: true,
      value: "N",
      about: "counts stage N as done because its carry file says so, whoever wrote it; only a person may say that",
    },
  },
  notes: [
    "After a git rebase of the task's branch, or of a stage's, the ledger names commits that are no longer there. Each commit of a stage is looked for by what it changes (git patch-id); a stage whose merge commit is there with okstra's trailer is told by that. What is found is written as a new row of the ledger; what is not is left and named.",
    "Also settles what killed processes left, and writes rows of the ledger again that were lost.",
    'A carry file lies at runs/implementation/carry/stage-N.json of the task. Its stage is told by "stage", "stageNumber" or its name, its last commit by "stageCommitRange.head", "head_sha", "head_commit", "head" or the last of "commits"; a status fail, failed, blocked, error or aborted never counts.',
    "Exit code 3 when something is left to a person. okstra doctor names what disagrees and changes nothing.",
  ],
  examples: ["okstra reconcile", "okstra reconcile shop/checkout/wrong-total --accept-carry 2"],
  read: ({ values, words: [word] }) => {
    const task = readTaskAsk(values, word) ?? null;
    const accept = values["accept-carry"].map((text) => readCount("--accept-carry", text, 999_999));
    if (accept.length > 0 && task === null)
      throw usageFault(
        "--accept-carry needs the task",
        "Write okstra reconcile TASK --accept-carry N; okstra list shows the tasks",
      );
    return { task, accept };
  },
  run: async (context, options) => (await import("../actions/reconcile.ts")).reconcile(context, options),
});
