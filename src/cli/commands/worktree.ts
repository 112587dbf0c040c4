/** `okstra worktree list|path|release|remove|prune`: the worktrees that okstra made. */
import { type Command, define, type OptionTable, usageFault } from "../command.ts";
import { readStageNumber } from "../run-flags.ts";
import { keyOptions, readTaskAsk, requireTaskAsk, type TaskAsk } from "../task-ask.ts";
import { oneOf } from "../words.ts";

export type WorktreeOptions =
  | { readonly action: "list"; readonly task: TaskAsk | null; readonly all: boolean; readonly disk: boolean }
  | { readonly action: "path"; readonly task: TaskAsk; readonly stage: number | null }
  | { readonly action: "release"; readonly task: TaskAsk; readonly stage: number | null; readonly force: boolean }
  | { readonly action: "remove"; readonly task: TaskAsk; readonly wanted: string | null; readonly force: boolean }
  | { readonly action: "prune"; readonly task: TaskAsk | null; readonly all: boolean; readonly explain: boolean };

const actions = ["list", "path", "release", "remove", "prune"] as const;
type Action = (typeof actions)[number];

/** Which flags an action knows. */
const flagsOf: Readonly<Record<Action, readonly string[]>> = {
  list: ["all", "disk"],
  path: ["stage"],
  release: ["stage", "force"],
  remove: ["stage", "force"],
  prune: ["all", "explain"],
};

const flags = {
  stage: { type: "string", value: "N", about: "path, release, remove: the worktree of this stage" },
  force: {
    type: "boolean",
    about: "remove: also one that holds work, which a rescue ref keeps; release: also from a run that lives",
  },
  all: { type: "boolean", about: "list, prune: of every project" },
  disk: { type: "boolean", about: "list: also what each takes of the disk, which takes a while" },
  explain: { type: "boolean", about: "prune: changes nothing, says what would go and why the rest stays" },
} as const satisfies OptionTable;

export const worktree: Command<WorktreeOptions> = define({
  name: "worktree",
  group: "looking",
  summary: "the worktrees of this project: how each stands, where one is; frees and removes them",
  usage: "list|path|release|remove|prune [TASK] [--stage N] [--force] [--all] [--disk] [--explain]",
  positionals: [
    {
      name: "ACTION",
      about:
        "list: every worktree with its branch and state; path: where one is; release: frees stages whose run is dead; remove: takes worktrees away that hold nothing else; prune: removes all that are proven done",
      required: true,
    },
    {
      name: "TASK",
      about: "the task's key; for remove also a key of the list, such as KEY#stage-1-old1",
      required: false,
    },
  ],
  options: { ...keyOptions, ...flags },
  notes: [
    "dirty: files are changed or not yet added. no commits yet: the branch is where it was made from. merged: it lies in the one it is meant for, a stage's in the task branch and a task's in its base. pushed: a branch of a remote holds it. Who holds a stage is named with its run. Of more than forty worktrees none is looked into for changes without --disk.",
    "release leaves the worktree as it is. The stage's next run goes on in it when it is clean, on its branch, and left by every process; else it is kept, tree and branch with -old1 at the end of their names, and a new one is made.",
    "remove takes the task's worktree with those of its stages, or with --stage that one. It first proves that the branch is merged or pushed, that no file is changed, new, or ignored and nowhere else, and that no process works there; otherwise it removes nothing and says what would be lost. With --force it removes all the same, keeps commits and files in a ref below refs/okstra/rescue/, and what no commit can hold in the folder rescued of okstra's home. A run that is being executed is never cut off.",
    "prune removes worktrees whose work is done and proven safe, frees what can be made anew (node_modules, build folders) in finished ones that stay, and says of each why it stays. Deleting goes on in the background.",
  ],
  examples: [
    "okstra worktree list",
    'cd "$(okstra worktree path shop/checkout/wrong-total --stage 2)"',
    "okstra worktree prune --explain",
    "okstra worktree remove shop/checkout/wrong-total",
  ],
  read: ({ values, words: [word, task] }) => {
    const action = oneOf("ACTION", word, actions);
    for (const flag of ["stage", "force", "all", "disk", "explain"] as const) {
      if (values[flag] === undefined || values[flag] === false || flagsOf[action].includes(flag)) continue;
      const where = actions.filter((one) => flagsOf[one].includes(flag)).join(", ");
      throw usageFault(`--${flag} is for okstra worktree ${where}`, `Leave it out: okstra worktree ${action}`);
    }
    const { all, force, explain, disk } = values;
    if (action === "list") return { action, task: readTaskAsk(values, task) ?? null, all, disk };
    if (action === "prune") return { action, task: readTaskAsk(values, task) ?? null, all, explain };
    const stage = values.stage === undefined ? null : readStageNumber(values.stage);
    const howTo = `okstra worktree ${action} TASK`;
    if (action !== "remove") return { action, task: requireTaskAsk(values, task, howTo), stage, force };
    const [key, name] = task?.split("#") ?? [];
    if (name !== undefined && (stage !== null || !/^(merge-)?stage-[1-9]\d*(-old[1-9]\d*)?$/.test(name))) {
      throw usageFault(`"${task}" names no worktree`, "okstra worktree list shows the names; or write TASK --stage N");
    }
    const wanted = name ?? (stage === null ? null : `stage-${stage}`);
    return { action, task: requireTaskAsk(values, key, howTo), wanted, force };
  },
  run: async (context, options) => (await import("../actions/worktree.ts")).worktree(context, options),
});
