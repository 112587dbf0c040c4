/** The command line of the scripted agent, as its driver writes it. */
import { parseArgs } from "node:util";
import { isTaskType } from "../../model/index.ts";
import { type Address, purposes, roles } from "../contract.ts";

export type Invocation = {
  readonly address: Address;
  readonly scenario: string;
  readonly session: string;
  readonly model: string | undefined;
};

const text = { type: "string" } as const;
const options = {
  scenario: text,
  role: text,
  worker: text,
  "task-type": text,
  stage: text,
  purpose: text,
  round: text,
  attempt: text,
  reask: text,
  checked: text,
  access: text,
  model: text,
  session: text,
} as const;

/** Throws a plain error on what the driver would never write. */
export function readInvocation(argv: readonly string[]): Invocation {
  const { values } = parseArgs({ args: [...argv], options, strict: true });
  const taskType = needed("task-type", values["task-type"]);
  if (!isTaskType(taskType)) throw new Error(`--task-type ${taskType} is no task type`);
  const address: Address = {
    worker: needed("worker", values.worker),
    role: oneOf("role", values.role, roles),
    purpose: oneOf("purpose", values.purpose, purposes),
    taskType,
    stage: number("stage", values.stage),
    round: number("round", values.round),
    attempt: number("attempt", values.attempt) ?? 1,
    reask: number("reask", values.reask) ?? 0,
    checked: number("checked", values.checked) ?? 0,
  };
  const scenario = needed("scenario", values.scenario);
  return { address, scenario, session: needed("session", values.session), model: values.model };
}

function needed(name: string, value: string | undefined): string {
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
}

function oneOf<T extends string>(name: string, value: string | undefined, known: readonly T[]): T {
  const found = known.find((word) => word === value);
  if (found === undefined) throw new Error(`--${name} must be one of ${known.join(", ")}`);
  return found;
}

function number(name: string, value: string | undefined): number | null {
  if (value === undefined) return null;
  if (!/^-?\d+$/.test(value)) throw new Error(`--${name} must be a whole number`);
  return Number(value);
}
