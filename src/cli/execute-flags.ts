/** The flags of every command that executes runs. Pure. */
import type { OptionTable, Values } from "./command.ts";

export const dryRunOption = {
  "dry-run": {
    type: "boolean",
    about:
      "says what the run would be (worktree, branch, base, stage, agents with command lines, budget) and changes nothing",
  },
} as const satisfies OptionTable;

export const plainOption = {
  plain: { type: "boolean", about: "plain lines of progress instead of the live view, also on a terminal" },
} as const satisfies OptionTable;

export const executeOptions = {
  detach: {
    type: "boolean",
    about: "executes in a process of its own, which outlives this terminal; in tmux where that is there",
  },
  unattended: {
    type: "boolean",
    about: "asks nobody, also on a terminal; --json also says under decision which gate needs a person and for what",
  },
  "json-events": {
    type: "boolean",
    about: "each event of the runs as one line of JSON on stderr instead of the story; stdout is as without it",
  },
  ...plainOption,
} as const satisfies OptionTable;

/** How the runs of a command are executed. */
export type Execution = { readonly detach: boolean };

export const readExecution = (values: Values<typeof executeOptions>): Execution => ({ detach: values.detach });
