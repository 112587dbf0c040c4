/** `okstra handoff TASK`: hands accepted work over, as a person chose. */

import { type Command, define, usageFault } from "../command.ts";
import { type RunWishes, readWishes, workerOptions } from "../run-flags.ts";
import { keyOptions, requireTaskAsk, type TaskAsk } from "../task-ask.ts";

export type HandoffOptions = { readonly task: TaskAsk; readonly wishes: RunWishes };

const actions = ["commit-only", "skip"] as const;

export const handoff: Command<HandoffOptions> = define({
  name: "handoff",
  group: "gates",
  summary: "hands accepted work over: makes the hand-off branch, or records that nothing is to be done",
  usage: "TASK --action commit-only|skip [--base REF] [--squash] [--message TEXT]",
  positionals: [{ name: "TASK", about: "the task's key", required: false }],
  options: {
    ...keyOptions,
    action: {
      type: "string",
      value: "ACTION",
      choices: actions,
      about: "commit-only: makes or updates <branch>-handoff, nothing is pushed; skip: records that",
    },
    base: { type: "string", value: "REF", about: "what the work is to be merged into; default: the task's base" },
    squash: { type: "boolean", about: "one commit instead of the task's own" },
    message: { type: "string", value: "TEXT", about: "message of the squashed commit; default: as drafted" },
    ...workerOptions,
  },
  notes: [
    "Nothing is ever pushed, and no branch but the hand-off branch is moved; one that holds commits of others is left alone.",
  ],
  examples: [
    "okstra handoff shop/checkout/wrong-total --action commit-only",
    "okstra handoff shop/checkout/wrong-total --action commit-only --squash",
  ],
  read: ({ values, words: [word] }) => {
    const action = actions.find((one) => one === values.action);
    if (action === undefined)
      throw usageFault("A hand-off does nothing by default", "Choose: --action commit-only, or --action skip");
    const choice = { action, base: values.base ?? null, squash: values.squash, message: values.message ?? null };
    return {
      task: requireTaskAsk(values, word, "okstra handoff TASK --action commit-only"),
      wishes: { ...readWishes(values), handoff: choice },
    };
  },
  run: async (context, options) => (await import("../actions/handoff.ts")).handoff(context, options),
});
