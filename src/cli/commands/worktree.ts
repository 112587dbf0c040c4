/** `okstra worktree list|path`: the worktrees that okstra made. */
import { type Command, define, usageFault } from "../command.ts";
import { readStageNumber } from "../run-flags.ts";
import { keyOptions, readTaskAsk, requireTaskAsk, type TaskAsk } from "../task-ask.ts";
import { oneOf } from "../words.ts";

export type WorktreeOptions =
  | { readonly action: "list"; readonly task: TaskAsk | null; readonly all: boolean }
  | { readonly action: "path"; readonly task: TaskAsk; readonly stage: number | null };

export const worktree: Command<WorktreeOptions> = define({
  name: "worktree",
  group: "looking",
  summary: "the worktrees of this project: how each stands, or where one is",
  usage: "list [TASK] [--all] | path TASK [--stage N]",
  positionals: [
    {
      name: "ACTION",
      about: "list: every worktree with its branch, size and state; path: where one is",
      required: true,
    },
    { name: "TASK", about: "the task's key", required: false },
  ],
  options: {
    ...keyOptions,
    stage: { type: "string", value: "N", about: "path: the worktree of this stage instead of the task's" },
    all: { type: "boolean", about: "list: of every project" },
  },
  notes: [
    "dirty: files are changed or not yet added. merged: the branch lies in the one it is meant for, a stage's in the task branch and a task's in its base.",
  ],
  examples: ["okstra worktree list", 'cd "$(okstra worktree path shop/checkout/wrong-total --stage 2)"'],
  read: ({ values, words: [word, task] }) => {
    const action = oneOf("ACTION", word, ["list", "path"]);
    if (action === "path") {
      const stage = values.stage === undefined ? null : readStageNumber(values.stage);
      return { action, task: requireTaskAsk(values, task, "okstra worktree path TASK"), stage };
    }
    if (values.stage !== undefined)
      throw usageFault(
        "--stage is for okstra worktree path",
        "Name a task to narrow the list: okstra worktree list TASK",
      );
    return { action, task: readTaskAsk(values, task) ?? null, all: values.all };
  },
  run: async (context, options) => (await import("../actions/worktree.ts")).worktree(context, options),
});
