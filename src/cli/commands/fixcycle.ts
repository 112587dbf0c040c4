/** `okstra fixcycle open|close TASK`: a finished task is reopened for a fix. */
import { type Command, define, usageFault } from "../command.ts";
import { keyOptions, requireTaskAsk, type TaskAsk } from "../task-ask.ts";
import { oneOf } from "../words.ts";

export type FixcycleOptions = { readonly task: TaskAsk } & (
  | { readonly action: "open"; readonly reason: string }
  | { readonly action: "close"; readonly note: string; readonly drop: boolean }
);

export const fixcycle: Command<FixcycleOptions> = define({
  name: "fixcycle",
  group: "gates",
  summary: "reopens a task for a fix once it is handed over or its verification found faults, and closes it again",
  usage: "open TASK --reason TEXT | close TASK [--drop]",
  positionals: [
    { name: "ACTION", about: "open, or close", required: true },
    { name: "TASK", about: "the task's key", required: false },
  ],
  options: {
    ...keyOptions,
    reason: { type: "string", value: "TEXT", about: "open: what is to be fixed; every worker of the cycle is told" },
    note: { type: "string", mayBeEmpty: true, value: "TEXT", about: "close: kept with the record" },
    drop: { type: "boolean", about: "close: gives up a cycle in which nothing was handed over" },
  },
  notes: [
    "In a cycle, plan, stages, verification and hand-off are made anew, on the task branch as it stands; earlier results stay, and the workers are told what they were. A cycle that is dropped leaves the task as it was before.",
  ],
  examples: [
    'okstra fixcycle open shop/checkout/wrong-total --reason "The total is wrong again for orders with a voucher"',
    "okstra fixcycle close shop/checkout/wrong-total",
  ],
  read: ({ values, words: [word, task] }) => {
    const action = oneOf("ACTION", word, ["open", "close"]);
    const key = requireTaskAsk(values, task, `okstra fixcycle ${action} TASK`);
    if (action === "close") {
      if (values.reason !== undefined)
        throw usageFault("--reason is for okstra fixcycle open", "Leave it out; --note is kept with the record");
      return { action, task: key, note: values.note ?? "", drop: values.drop ?? false };
    }
    const extra = values.drop === true ? "--drop" : values.note === undefined ? undefined : "--note";
    if (extra !== undefined) throw usageFault(`${extra} is for okstra fixcycle close`, "Leave it out to open a cycle");
    const reason = values.reason?.trim();
    if (reason === undefined) throw usageFault("--reason is missing", 'Say what is to be fixed: --reason "..."');
    return { action, task: key, reason };
  },
  run: async (context, options) => (await import("../actions/fixcycle.ts")).fixcycle(context, options),
});
