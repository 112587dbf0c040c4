/** `okstra reject TASK`: a person sends the newest plan back. */
import { type Command, define, usageFault } from "../command.ts";
import { keyOptions, requireTaskAsk, type TaskAsk } from "../task-ask.ts";

export type RejectOptions = { readonly task: TaskAsk; readonly reason: string };

export const reject: Command<RejectOptions> = define({
  name: "reject",
  group: "gates",
  summary: "sends the newest plan back; the reason goes to the next planning run",
  usage: "TASK --reason TEXT",
  positionals: [{ name: "TASK", about: "the task's key", required: false }],
  options: {
    ...keyOptions,
    reason: { type: "string", value: "TEXT", about: "what the next plan must do differently" },
  },
  examples: ['okstra reject shop/checkout/wrong-total --reason "stage 2 changes the public interface; keep it"'],
  read: ({ values, words: [word] }) => {
    const task = requireTaskAsk(values, word, "okstra reject TASK --reason TEXT");
    if (values.reason === undefined) {
      throw usageFault("--reason is missing", 'Say what the next plan must do differently: --reason "..."');
    }
    return { task, reason: values.reason };
  },
  run: async (context, options) => (await import("../actions/reject.ts")).reject(context, options),
});
