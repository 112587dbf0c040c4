/** `okstra go TASK`: run after run until a gate needs a person. */
import type { Network, RunRequest, Sandbox } from "../../engine/index.ts";
import { type Command, define } from "../command.ts";
import { type Execution, executeOptions, readExecution } from "../execute-flags.ts";
import {
  answersOption,
  budgetOptions,
  readBudget,
  readCount,
  readNetwork,
  readSandbox,
  readScenario,
  workerOptions,
} from "../run-flags.ts";
import { keyOptions, requireTaskAsk, type TaskAsk } from "../task-ask.ts";

export type GoOptions = Execution & {
  readonly task: TaskAsk;
  readonly agents: string | null;
  readonly sandbox: Sandbox | null;
  readonly network: Network | null;
  readonly parallel: number;
  readonly answers: string | null;
  readonly dryRun: boolean;
  readonly budget: RunRequest["budget"];
};

const agents = {
  ...workerOptions.agents,
  value: "scripted:FILE",
  about: "every role is played from this scenario; no model is asked",
} as const;

export const go: Command<GoOptions> = define({
  name: "go",
  group: "work",
  summary: "starts run after run until a gate needs a person, then says what to decide",
  usage: "TASK [--parallel K]",
  positionals: [{ name: "TASK", about: "the task's key", required: false }],
  options: {
    ...keyOptions,
    agents,
    sandbox: workerOptions.sandbox,
    network: workerOptions.network,
    parallel: { type: "string", value: "K", about: "how many ready stages are built at a time; default 2" },
    ...answersOption,
    ...budgetOptions,
    "dry-run": { type: "boolean", about: "says what would be done first, and changes nothing" },
    ...executeOptions,
  },
  notes: [
    "A run that was interrupted, or stopped by a quota or budget, is resumed first. No gate is passed: answering, approving and accepting stay with a person.",
  ],
  examples: [
    "okstra go shop/checkout/wrong-total",
    "okstra go shop/checkout/wrong-total --clarification-response user-response-error-analysis-001.md",
  ],
  read: ({ values, words: [word] }) => ({
    ...readExecution(values),
    task: requireTaskAsk(values, word, "okstra go TASK"),
    agents: readScenario(values.agents),
    sandbox: readSandbox(values.sandbox),
    network: readNetwork(values.network),
    parallel: readCount("--parallel", values.parallel ?? "2", 64),
    answers: values["clarification-response"] ?? null,
    dryRun: values["dry-run"],
    budget: readBudget(values),
  }),
  run: async (context, options) => (await import("../actions/go.ts")).go(context, options),
});
