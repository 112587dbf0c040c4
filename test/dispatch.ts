/**
 * One dispatch of the real scripted program in a real repository: a scenario, small clocks, and what must hold after any outcome
 * (nothing of it is left running).
 */
import { join } from "node:path";
import { expect } from "vitest";
import {
  type Address,
  type ClockLimits,
  type DispatchAsk,
  type DispatchEvent,
  type DispatchOutcome,
  dispatch,
  driverFor,
  markName,
} from "../src/agents/index.ts";
import { take } from "../src/model/index.ts";
import type { TestRepository } from "./repository.ts";

/** Long enough for a program to start on a busy machine; a test that wants a clock to run out shortens that one. */
export const patient: ClockLimits = {
  firstEventMs: 40_000,
  idleMs: 40_000,
  softMs: 40_000,
  hardMs: 45_000,
  lingerMs: 40_000,
  graceMs: 200,
};

export type Good = { readonly good: number };

export type Asked = {
  readonly outcome: DispatchOutcome<Good>;
  readonly events: readonly DispatchEvent[];
  readonly log: string;
};

type More = Partial<Omit<DispatchAsk<Good>, "address" | "clocks">> & {
  readonly address?: Partial<Address>;
  readonly clocks?: Partial<ClockLimits>;
};

export const defaultAddress = {
  worker: "claude",
  role: "analyser",
  purpose: "blind",
  taskType: "error-analysis",
  stage: null,
  round: null,
  attempt: 1,
} as const;

/** A result is `{"good": N}` with a positive N. */
const check: DispatchAsk<Good>["check"] = (value) => {
  const good = typeof value === "object" && value !== null && "good" in value ? value.good : undefined;
  if (typeof good === "number" && good > 0) return { ok: true, value: { good } };
  return { ok: false, problems: [`good: must be above 0, is ${JSON.stringify(good) ?? "missing"}`] };
};

/** The entries stand below `entries:`, or a whole scenario is given. */
export function asking(repo: TestRepository, entries: string, more: More = {}): DispatchAsk<Good> {
  const scenario = join(repo.folder, "scenario.yaml");
  const head = "schemaVersion: 1\nfamilies: {claude: anthropic, codex: openai}\n";
  repo.write(scenario, entries.includes("schemaVersion") ? entries : `${head}entries:\n${entries}\n`);
  const { address, clocks, ...rest } = more;
  return {
    driver: take(driverFor("scripted")),
    config: { scenario },
    mark: `test-${repo.host.random.id(8)}`,
    prompt: "Look at the code.",
    cwd: repo.root,
    access: "read-only",
    model: null,
    family: "anthropic",
    home: join(repo.folder, "agent home"),
    temporaryFolder: join(repo.folder, "agent tmp"),
    scratch: join(repo.folder, "scratch"),
    logPath: join(repo.folder, "dispatch.log"),
    check,
    askAgain: (problems, reask) => `Again (${reask}): ${problems.join("; ")}`,
    ...rest,
    address: { ...defaultAddress, ...address },
    clocks: { ...patient, ...clocks },
  };
}

/** Dispatches, and holds what must be true of every outcome. */
export async function asked(repo: TestRepository, entries: string, more: More = {}): Promise<Asked> {
  const events: DispatchEvent[] = [];
  const ask = asking(repo, entries, { onEvent: (event) => events.push(event), ...more });
  const outcome = take(await dispatch(repo.host, ask));
  await nothingLeft(repo, ask.mark);
  expect(outcome).toEqual(JSON.parse(JSON.stringify(outcome)));
  expect(outcome.message).not.toBe("");
  return { outcome, events, log: repo.read(ask.logPath) ?? "" };
}

export async function nothingLeft(repo: TestRepository, mark: string): Promise<void> {
  expect(await repo.host.processes.withMark(markName, mark)).toEqual([]);
}
