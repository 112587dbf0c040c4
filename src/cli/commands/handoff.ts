/** `okstra handoff TASK`: hands accepted work over, as a person chose. */

import { type Command, define, usageFault } from "../command.ts";
import { type RunWishes, readWishes, workerOptions } from "../run-flags.ts";
import { keyOptions, requireTaskAsk, type TaskAsk } from "../task-ask.ts";

export type HandoffOptions = { readonly task: TaskAsk; readonly wishes: RunWishes };

const actions = ["commit-only", "commit-pr", "skip"] as const;

export const handoff: Command<HandoffOptions> = define({
  name: "handoff",
  group: "gates",
  summary: "hands accepted work over: makes the hand-off branch, and pushes it for a pull request if asked",
  usage: "TASK --action commit-only|commit-pr|skip [--stages N,N] [--base REF] [--squash] [--message TEXT]",
  positionals: [{ name: "TASK", about: "the task's key", required: false }],
  options: {
    ...keyOptions,
    action: {
      type: "string",
      value: "ACTION",
      choices: actions,
      about:
        "commit-only: makes or updates <branch>-handoff; commit-pr: also pushes it and opens a pull request; skip: neither",
    },
    base: { type: "string", value: "REF", about: "what the work is to be merged into; default: the task's base" },
    stages: {
      type: "string",
      value: "N,N",
      about: "only these verified stages, with all that they depend on, merged onto the base as <branch>-g<seq>",
    },
    squash: { type: "boolean", about: "one commit instead of the task's own" },
    message: {
      type: "string",
      value: "TEXT",
      about: "message of the squashed commit, its first line the title of the pull request; default: as drafted",
    },
    remote: { type: "string", value: "NAME", about: "where to push; default: origin, or the only one" },
    "pr-template-path": {
      type: "string",
      value: "FILE",
      about: "what the pull request's text starts from; default: prTemplatePath of the settings, else okstra's own",
    },
    ...workerOptions,
  },
  notes: [
    "Only the hand-off branch is moved and pushed, and only forward: never by force, never a base branch, hooks run. One that holds commits of others is left alone.",
    "The pull request is opened with gh; without gh, or where it is not logged in, the report has the exact command.",
  ],
  examples: [
    "okstra handoff shop/checkout/wrong-total --action commit-only",
    "okstra handoff shop/checkout/wrong-total --action commit-pr --base main",
    "okstra handoff shop/checkout/wrong-total --action commit-only --stages 1,3",
  ],
  read: ({ values, words: [word] }) => {
    const action = actions.find((one) => one === values.action);
    if (action === undefined)
      throw usageFault(
        "A hand-off does nothing by default",
        "Choose: --action commit-only, --action commit-pr, or --action skip",
      );
    const choice = {
      action,
      base: values.base ?? null,
      squash: values.squash,
      message: values.message ?? null,
      remote: values.remote ?? null,
      prTemplate: values["pr-template-path"] ?? null,
      ...(values.stages === undefined ? {} : { stages: readStages(values.stages) }),
    };
    return {
      task: requireTaskAsk(values, word, "okstra handoff TASK --action commit-only"),
      wishes: { ...readWishes(values), handoff: choice },
    };
  },
  run: async (context, options) => (await import("../actions/handoff.ts")).handoff(context, options),
});

function readStages(text: string): number[] {
  const stages = [...new Set(text.split(",").map((word) => (/^\s*[1-9]\d*\s*$/.test(word) ? Number(word) : 0)))];
  if (!stages.includes(0)) return stages;
  throw usageFault(`--stages ${text} is no list of stages`, "Write their numbers: --stages 1,3");
}
