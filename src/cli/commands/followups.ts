/** `okstra followups list|spawn TASK`: tasks that a task leaves behind. */
import { type Command, define, usageFault } from "../command.ts";
import { readList } from "../run-flags.ts";
import { keyOptions, requireTaskAsk, type TaskAsk } from "../task-ask.ts";
import { oneOf } from "../words.ts";

export type FollowupsOptions = {
  readonly action: "list" | "spawn";
  readonly task: TaskAsk;
  readonly only: readonly string[] | null;
  readonly group: string | null;
};

export const followups: Command<FollowupsOptions> = define({
  name: "followups",
  group: "work",
  summary: "lists what a task's reports leave behind (parts, candidates, follow-ups), or makes tasks of it",
  usage: "list TASK | spawn TASK [--only ID,ID] [--group NAME]",
  positionals: [
    { name: "ACTION", about: "list: what there is and what became of it; spawn: makes the tasks", required: true },
    { name: "TASK", about: "the task's key", required: false },
  ],
  options: {
    ...keyOptions,
    only: { type: "string", value: "ID,ID", about: "spawn: these rows; needed for candidates, since a person picks" },
    group: { type: "string", value: "NAME", about: "spawn: the group of the new tasks; default: that of the task" },
  },
  notes: [
    "A new task has a brief of its own, with what was found and the brief it comes from, and no run yet. Spawning again makes nothing twice.",
  ],
  examples: [
    "okstra followups list shop/checkout/tidy-up",
    "okstra followups spawn shop/checkout/tidy-up --only share-rounding",
  ],
  read: ({ values, words: [word, task] }) => {
    const action = oneOf("ACTION", word, ["list", "spawn"]);
    const extra = values.only === undefined ? (values.group === undefined ? undefined : "--group") : "--only";
    if (action === "list" && extra !== undefined)
      throw usageFault(`${extra} is for okstra followups spawn`, "Leave it out to list every row");
    return {
      action,
      task: requireTaskAsk(values, task, `okstra followups ${action} TASK`),
      only: values.only === undefined ? null : readList("--only", values.only),
      group: values.group ?? null,
    };
  },
  run: async (context, options) => (await import("../actions/followups.ts")).followups(context, options),
});
