/** `okstra accept TASK`: a person takes the residual risks of the newest verification. */
import { type Command, define, usageFault } from "../command.ts";
import { keyOptions, requireTaskAsk, type TaskAsk } from "../task-ask.ts";

export type AcceptOptions = { readonly task: TaskAsk; readonly content: string | null; readonly reason: string };

export const accept: Command<AcceptOptions> = define({
  name: "accept",
  group: "gates",
  summary: "takes the residual risks of a verification that ended in conditional-accept",
  usage: "TASK --content HASH --reason TEXT",
  positionals: [{ name: "TASK", about: "the task's key", required: false }],
  options: {
    ...keyOptions,
    content: {
      type: "string",
      value: "HASH",
      about: "the first 12 or more characters of the hash that the verification's report prints",
    },
    reason: { type: "string", value: "TEXT", about: "why the risks may be taken; shown in the report" },
  },
  notes: ["Blockers are no risks: a verification that is blocked cannot be accepted."],
  examples: ['okstra accept shop/checkout/wrong-total --content 3f9c01ab77de --reason "the old export goes next week"'],
  read: ({ values, words: [word] }) => {
    const task = requireTaskAsk(values, word, "okstra accept TASK --content HASH --reason TEXT");
    if (values.reason === undefined)
      throw usageFault("--reason is missing", 'Say why the risks may be taken: --reason "..."');
    return { task, content: values.content?.trim() ?? null, reason: values.reason };
  },
  run: async (context, options) => (await import("../actions/accept.ts")).accept(context, options),
});
