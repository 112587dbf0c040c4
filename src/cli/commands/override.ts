/** `okstra override TASK|RUN ITEM`: a person lets a blocking item pass. */
import { type Command, define, usageFault } from "../command.ts";
import { readSubject, type Subject } from "../subject.ts";

export type OverrideOptions = { readonly subject: Subject; readonly item: string; readonly reason: string };

export const override: Command<OverrideOptions> = define({
  name: "override",
  group: "gates",
  summary: "lets a blocking item of a stage or a verification pass",
  usage: "TASK|RUN ITEM --reason TEXT",
  positionals: [
    { name: "TASK|RUN", about: "a run's id, or a task's key: its newest run with items", required: true },
    {
      name: "ITEM",
      about: "the item, for example F-002 (okstra inspect lists them), or tests-weakened",
      required: true,
    },
  ],
  options: { reason: { type: "string", value: "TEXT", about: "why it may pass; shown in the report" } },
  notes: [
    "It holds from the next run on that asks the same: the stage built again, the verification made again. There the item is recognised by its place and claim as long as it is no worse, and the report names who let it pass. Weakened tests are let pass by the name tests-weakened, each as it was told: what is weakened further blocks again. No other check of the engine can be overridden.",
  ],
  examples: ['okstra override shop/checkout/wrong-total F-002 --reason "the name is the one of the public interface"'],
  read: ({ values, words: [word, item] }) => {
    if (values.reason === undefined)
      throw usageFault("--reason is missing", 'Say why the item may pass: --reason "..."');
    return {
      subject: readSubject(noFlags, word, "okstra override TASK|RUN ITEM --reason TEXT"),
      item: item ?? "",
      reason: values.reason,
    };
  },
  run: async (context, options) => (await import("../actions/override.ts")).override(context, options),
});

const noFlags = { "task-key": undefined, "project-id": undefined, "task-group": undefined, "task-id": undefined };
