/** The flags of commands that start runs, and their reading into what the engine is asked for. Pure. */
import type { Network, RunRequest, Sandbox } from "../engine/index.ts";
import { type Category, categories, taskTypes } from "../model/index.ts";
import { type OptionTable, usageFault, type Values } from "./command.ts";
import { keyOptions } from "./task-ask.ts";

/** Answers from a file, for every command that starts runs. */
export const answersOption = {
  "clarification-response": {
    type: "string",
    value: "FILE",
    about: "answers to the task's questions, as a report's page saves them; given before anything starts",
  },
} as const satisfies OptionTable;

/** Limits of a run in money and tokens, instead of what the settings say. */
export const budgetOptions = {
  "budget-usd": { type: "string", value: "N", about: "most USD for the run, instead of budgets.runUsd" },
  "budget-tokens": { type: "string", value: "N", about: "most tokens for the run, instead of budgets.runTokens" },
} as const satisfies OptionTable;

const sandboxModes = ["auto", "require", "off"] as const;
const networkModes = ["open", "model"] as const;

/** Flags about who works and how; every command that executes something has them. */
export const workerOptions = {
  agents: {
    type: "string",
    value: "scripted:FILE|A,B",
    about: "every role is played from this scenario, no model is asked; or the agents that check each other",
  },
  workers: { type: "string", value: "A,B", about: "the workers that check each other" },
  executor: { type: "string", value: "W", about: "the worker that writes code" },
  model: { type: "string", multiple: true, value: "W=ID", about: "model of a worker or role" },
  directive: { type: "string", value: "TEXT", about: "a sentence that every worker is told" },
  "max-rounds": { type: "string", value: "N", about: "convergence rounds at most (1 to 3)" },
  ...budgetOptions,
  sandbox: {
    type: "string",
    value: "MODE",
    choices: sandboxModes,
    about: "confines agents and commands: where that works, or nothing starts without, or never",
  },
  network: {
    type: "string",
    value: "MODE",
    choices: networkModes,
    about: "what confined agents and commands reach: everything, or an agent its model and what network.allow names",
  },
  "allow-single": { type: "boolean", about: "accepts a roster of one worker, whose findings nobody checks" },
  "no-prose": {
    type: "boolean",
    about: "asks no report writer: the report is put together from what the run knows; not for planning",
  },
  ...answersOption,
} as const satisfies OptionTable;

const fixCycleWishes = ["yes", "no"] as const;

/** Flags about the task and the place. */
const startOptions = {
  ...keyOptions,
  "task-type": {
    type: "string",
    value: "TYPE",
    choices: taskTypes,
    otherwise: "unknown-task-type",
    about: "the phase",
  },
  brief: { type: "string", value: "FILE", aliases: ["task-brief"], about: "the task in a Markdown file" },
  title: { type: "string", value: "TEXT", about: "title of a new task; default: the brief's first heading" },
  category: {
    type: "string",
    value: "NAME",
    choices: categories,
    about: "category of a new task; decides the branch prefix",
  },
  branch: { type: "string", value: "NAME", about: "task branch instead of the derived one" },
  "base-ref": { type: "string", value: "REF", about: "what a new task starts from: a branch, tag or commit" },
  stage: { type: "string", value: "N|auto", about: "stage of an implementation or a verification" },
  "fix-cycle": {
    type: "string",
    value: "yes|no",
    choices: fixCycleWishes,
    about:
      "yes: reopens a finished task for what --directive says, or is in the fix cycle that is open; no: only outside one",
  },
  critic: {
    type: "string",
    value: "W",
    about: "the worker that looks for what nobody reported, or argues against acceptance",
  },
} as const satisfies OptionTable;

export function readBudget(values: Values<typeof budgetOptions>): RunRequest["budget"] {
  const { "budget-usd": usd, "budget-tokens": tokens } = values;
  return {
    usd: usd === undefined ? null : readAmount("--budget-usd", usd),
    tokens: tokens === undefined ? null : readCount("--budget-tokens", tokens, 999_999_999_999),
  };
}

function readAmount(flag: string, text: string): number {
  const amount = /^\$?(\d{1,7}(?:\.\d{1,4})?)$/.exec(text)?.[1];
  if (amount !== undefined && Number(amount) > 0) return Number(amount);
  throw usageFault(`${flag} cannot be "${text}"`, `Write ${flag} with an amount in USD, for example ${flag} 12.50`);
}

export const runOptions = { ...startOptions, ...workerOptions } as const satisfies OptionTable;

/** What is asked of a run but where and for which task. */
export type RunWishes = Omit<RunRequest, "cwd" | "key" | "taskType" | "via">;

type WorkerValues = Values<typeof workerOptions>;
type StartValues = Values<typeof startOptions>;

export function readWishes(workers: WorkerValues, start: Partial<StartValues> = {}): RunWishes {
  return {
    brief: start.brief ?? null,
    title: start.title ?? null,
    category: (start.category as Category | undefined) ?? null,
    branch: start.branch ?? null,
    baseRef: start["base-ref"] ?? null,
    stage: start.stage === undefined ? null : readStage(start.stage),
    workers: readWorkers(workers),
    executor: workers.executor ?? null,
    agents: workers.agents !== undefined && isScripted(workers.agents) ? workers.agents : null,
    critic: start.critic ?? null,
    directive: workers.directive ?? null,
    maxRounds: workers["max-rounds"] === undefined ? null : readCount("--max-rounds", workers["max-rounds"], 3),
    allowSingle: workers["allow-single"],
    noProse: workers["no-prose"],
    fixCycle: fixCycleWishes.find((wish) => wish === start["fix-cycle"]) ?? null,
    models: readModels(workers.model),
    sandbox: readSandbox(workers.sandbox),
    network: readNetwork(workers.network),
    handoff: null,
    clarificationResponse: workers["clarification-response"] ?? null,
    budget: readBudget(workers),
    integrate: null,
  };
}

/** One of its modes, as the table of options has it checked. */
export const readSandbox = (text: string | undefined): Sandbox | null =>
  sandboxModes.find((mode) => mode === text) ?? null;

export const readNetwork = (text: string | undefined): Network | null =>
  networkModes.find((mode) => mode === text) ?? null;

export function readStage(text: string): number | "auto" {
  if (text === "auto") return "auto";
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw usageFault(`--stage cannot be "${text}"`, "Write the stage's number, or --stage auto for the next ready one");
}

export function readStageNumber(text: string): number {
  const stage = readStage(text);
  if (stage !== "auto") return stage;
  throw usageFault('--stage cannot be "auto" here', "Write the stage's number");
}

/** A whole number from 1 to `most`. */
export function readCount(flag: string, text: string, most: number): number {
  const count = /^\d{1,12}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= most) return count;
  throw usageFault(`${flag} cannot be "${text}"`, `Write ${flag} with a number from 1 to ${most}`);
}

/** Comma-separated names; blanks are dropped. */
export function readList(flag: string, text: string): readonly string[] {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length > 0) return names;
  throw usageFault(`${flag} names nobody`, `Write ${flag} with names separated by commas`);
}

/** `--agents` where it can only name the scenario that plays every role. */
export function readScenario(text: string | undefined): string | null {
  if (text === undefined || isScripted(text)) return text ?? null;
  throw usageFault(`--agents cannot be "${text}"`, "Write --agents scripted:FILE with the path of a scenario");
}

const isScripted = (text: string): boolean => /^scripted:.+/.test(text);

/** The workers that `--workers` names, or the agents of `--agents`, who work under their own names. */
function readWorkers({ workers, agents }: { workers?: string | undefined; agents?: string | undefined }) {
  const listed = agents === undefined || isScripted(agents) ? null : readList("--agents", agents);
  const odd = listed?.find((name) => !/^(?:acp:)?[\w.-]+$/.test(name));
  if (odd !== undefined) {
    const hint = "Write --agents scripted:FILE with the path of a scenario, or names separated by commas";
    throw usageFault(`--agents cannot be "${agents}"`, hint);
  }
  if (workers === undefined) return listed;
  if (listed !== null) throw usageFault("--agents and --workers both name the workers", "Leave out one of them");
  return readList("--workers", workers);
}

/** `W=ID` pairs by worker. */
export function readModels(pairs: readonly string[]): Readonly<Record<string, string>> {
  const models = pairs.map((pair) => {
    const at = pair.indexOf("=");
    const [worker, model] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    if (at < 1 || worker === "" || model === "") {
      throw usageFault(`--model cannot be "${pair}"`, "Write --model WORKER=MODEL, for example --model claude=opus");
    }
    return [worker, model] as const;
  });
  return Object.fromEntries(models);
}
