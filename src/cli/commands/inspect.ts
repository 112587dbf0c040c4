/** `okstra inspect TASK|RUN`: why each item ended in its class. */
import { type Command, define, usageFault } from "../command.ts";
import { readSubject, type Subject } from "../subject.ts";
import { keyOptions } from "../task-ask.ts";

export type InspectOptions =
  | { readonly is: "items"; readonly subject: Subject; readonly items: readonly string[] }
  /** Without a subject all runs of the project. */
  | { readonly is: "yield"; readonly subject: Subject | null };

export const inspect: Command<InspectOptions> = define({
  name: "inspect",
  group: "looking",
  summary: "why each finding of a run was confirmed, refuted or left open",
  usage: "TASK|RUN [--item ID] | --yield [TASK]",
  positionals: [{ name: "TASK|RUN", about: "a run's id, or a task's key: its newest run with items", required: false }],
  options: {
    ...keyOptions,
    item: {
      type: "string",
      multiple: true,
      value: "ID",
      about: "only this one, step by step: F-001, or P-STG-1 of a plan",
    },
    yield: {
      type: "boolean",
      about: "instead: what each worker's findings came to over the runs of the task, or of the project",
    },
  },
  notes: [
    "Without --item a line for each; with it who stated it, with which evidence and how that was checked, who was asked and said what in which round, the votes by family, and each rule up to the one that fits. --json has every step of all of them.",
    "--yield has a row for each worker, model and phase: items raised, confirmed by another family, refuted or without evidence that held, still open, found by nobody else and confirmed, and the cost of a confirmed one. It counts what the runs decided, which is no measure of what is true.",
  ],
  examples: [
    "okstra inspect shop/checkout/wrong-total",
    "okstra inspect 'shop/checkout/wrong-total@error-analysis#001' --item F-002",
    "okstra inspect --yield",
  ],
  read: ({ values, words: [word] }) => {
    const subject = (): Subject => readSubject(values, word, "okstra inspect TASK|RUN");
    if (!values.yield) return { is: "items", subject: subject(), items: values.item };
    if (values.item.length > 0) throw usageFault("--item and --yield do not go together", "Leave out one of them");
    const isNamed = word !== undefined || values["task-key"] !== undefined || values["task-id"] !== undefined;
    return { is: "yield", subject: isNamed ? subject() : null };
  },
  run: async (context, options) => (await import("../actions/inspect.ts")).inspect(context, options),
});
