/** `okstra prepare`: everything up to the first agent. */
import { type Command, define } from "../command.ts";
import { dryRunOption } from "../execute-flags.ts";
import { briefWord, type RunAsk, readRunAsk } from "../run-ask.ts";
import { runOptions } from "../run-flags.ts";

export type PrepareOptions = { readonly ask: RunAsk; readonly dryRun: boolean };

export const prepare: Command<PrepareOptions> = define({
  name: "prepare",
  aliases: ["render-bundle"],
  group: "work",
  summary: "prepares a run and stops: folders, worktree, manifest and prompts are there, no agent is asked",
  usage: "[BRIEF] --task-key KEY --task-type TYPE [flags]",
  positionals: [briefWord],
  options: { ...runOptions, ...dryRunOption },
  notes: ["okstra resume RUN executes what was prepared; okstra cancel RUN gives back what it holds."],
  examples: ["okstra prepare --task-key shop/checkout/wrong-total --task-type implementation --stage 2"],
  read: (given) => ({ ask: readRunAsk(given), dryRun: given.values["dry-run"] }),
  run: async (context, options) => (await import("../actions/prepare.ts")).prepare(context, options),
});
