/** `okstra integrate TASK`: merges stages that are done and not merged. */
import { type Command, define } from "../command.ts";
import { type RunWishes, readModels, readScenario, readStageNumber, workerOptions } from "../run-flags.ts";
import { keyOptions, requireTaskAsk, type TaskAsk } from "../task-ask.ts";

export type IntegrateOptions = {
  readonly task: TaskAsk;
  readonly stage: number | null;
  readonly with: string | null;
  readonly restart: boolean;
  readonly wishes: Pick<RunWishes, "agents" | "models" | "directive">;
};

const { model, directive } = workerOptions;

export const integrate: Command<IntegrateOptions> = define({
  name: "integrate",
  group: "gates",
  summary: "merges stages that are done into the task branch, and settles merges that conflict or were blocked",
  usage: "TASK [--stage N] [--with AGENT] [--restart]",
  positionals: [{ name: "TASK", about: "the task's key", required: false }],
  options: {
    ...keyOptions,
    stage: { type: "string", value: "N", about: "only this stage; default: all that are done and not merged" },
    with: { type: "string", value: "AGENT", about: "this agent settles what conflicts; default: you do" },
    restart: { type: "boolean", about: "gives up what was settled so far, which a rescue ref keeps, and begins again" },
    agents: { type: "string", value: "scripted:FILE", about: "the agent is played from this scenario" },
    model,
    directive,
  },
  notes: [
    "Each merge is made in a worktree of its own, and the stage's validation runs on the merged tree before the task branch moves. What conflicts is left there, with the files named: settle them, git add them, and run the command again; or name an agent with --with. A stage that is not settled holds up those that depend on it and no others.",
    "The setting integration decides what becomes of a stage when it is done: merge (default) merges it at once, manual leaves it to this command.",
  ],
  examples: [
    "okstra integrate shop/checkout/wrong-total",
    "okstra integrate shop/checkout/wrong-total --stage 2 --with claude",
  ],
  read: ({ values, words: [word] }) => {
    const agent = values.with?.trim();
    return {
      task: requireTaskAsk(values, word, "okstra integrate TASK"),
      stage: values.stage === undefined ? null : readStageNumber(values.stage),
      with: agent ?? null,
      restart: values.restart,
      wishes: {
        agents: readScenario(values.agents),
        models: readModels(values.model),
        directive: values.directive ?? null,
      },
    };
  },
  run: async (context, options) => (await import("../actions/integrate.ts")).integrate(context, options),
});
