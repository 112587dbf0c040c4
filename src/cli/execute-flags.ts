/** The flags of every command that executes runs. Pure. */
import type { OptionTable, Values } from "./command.ts";

export const executeOptions = {
  detach: {
    type: "boolean",
    about: "executes in a process of its own, which outlives this terminal; in tmux where that is there",
  },
  unattended: {
    type: "boolean",
    about: "asks nobody, also on a terminal; --json also says under decision which gate needs a person and for what",
  },
} as const satisfies OptionTable;

/** How the runs of a command are executed. */
export type Execution = { readonly detach: boolean };

export const readExecution = (values: Values<typeof executeOptions>): Execution => ({ detach: values.detach });
