import { expect, test } from "vitest";
import { assertGolden } from "../../test/golden.ts";
import type { TaskStatus } from "../engine/index.ts";
import type { RunSummary } from "../lifecycle/task.schema.ts";
import { nextStep } from "./next-step.ts";
import { noPaint } from "./paint.ts";
import { statusText } from "./status-text.ts";

const key = "shop/checkout/total";
const usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  totalTokens: 0,
  costUsd: null,
  unknown: 0,
};

function run(type: RunSummary["taskType"], more: Partial<RunSummary> = {}): RunSummary {
  const stage = more.stage ?? null;
  return {
    id: `${key}@${type}${stage === null ? "" : `.stage-${stage}`}#001`,
    taskKey: key,
    taskType: type,
    stage,
    scope: "task",
    seq: 1,
    outcome: "completed",
    reason: null,
    verdict: null,
    runDir: `/project/.okstra/tasks/checkout/total/runs/${type}`,
    report: null,
    worktree: null,
    startedAt: "2026-11-21T04:00:00.000Z",
    endedAt: "2026-11-21T04:01:00.000Z",
    usage,
    journalHead: "",
    ...more,
  };
}

const stage = (stageNumber: number, state: TaskStatus["task"]["stages"][number]["state"], dependsOn: number[]) => ({
  stageNumber,
  title: `Stage ${stageNumber}`,
  dependsOn,
  state,
  run: null,
  branch: state === "blocked" ? null : `fix-total-s${stageNumber}`,
  headCommit: state === "done" ? "0123456789abcdef0123456789abcdef01234567" : null,
  merged: state === "done" ? true : null,
});

function status(
  more: Partial<Omit<TaskStatus, "task">> & { readonly task?: Partial<TaskStatus["task"]> } = {},
): TaskStatus {
  const { task, ...rest } = more;
  return {
    runs: [run("error-analysis")],
    clarifications: [],
    left: [],
    interrupted: [],
    ...rest,
    task: {
      key,
      title: "The total\u001b[2J is wrong",
      category: "bugfix",
      origin: null,
      fixCycle: null,
      phase: "error-analysis",
      next: { taskType: "implementation-planning", why: "error-analysis is complete" },
      gates: [{ name: "clarifications", open: true, needs: [] }],
      stages: [],
      ...task,
    },
  };
}

const question: TaskStatus["clarifications"][number] = {
  schemaVersion: 1,
  id: "C-001",
  question: "Round per line?",
  why: "both are done",
  kind: "decision",
  expectedForm: "a sentence",
  blocks: "approval",
  status: "answered",
  userInput: "per line",
  raisedBy: ["claude"],
  raisedIn: `${key}@error-analysis#001`,
  answeredBy: "Ada",
  resolvedIn: null,
  time: "2026-11-21T04:00:00.000Z",
};

const midway = status({
  task: {
    phase: "implementation",
    next: { taskType: "implementation", why: "stages 2, 3 are not done" },
    gates: [
      { name: "clarifications", open: true, needs: [] },
      {
        name: "whole-task verification",
        open: false,
        needs: [`Finish stages 2, 3: okstra implement ${key} --stage all`],
      },
    ],
    stages: [stage(1, "done", []), stage(2, "active", []), stage(3, "blocked", [1, 2])],
  },
  runs: [
    run("error-analysis", { verdict: "normal" }),
    run("implementation", { stage: 1, verdict: "merge-conflict" }),
    run("implementation", { stage: 2, outcome: null, endedAt: null }),
    run("final-verification", {
      outcome: "failed",
      reason: "agent-failed",
      failure: {
        message: "codex gave no usable result: killed",
        remedy: "See okstra show RUN, then start the phase again",
      },
    }),
  ],
  clarifications: [question, { ...question, id: "C-002", status: "resolved" }],
  interrupted: [`${key}@implementation.stage-2#001`],
});

test("a task midway, for people", () => {
  assertGolden("cli/status.txt", `${statusText(midway, noPaint)}\n`);
});

test("what comes next is one thing, the most urgent", () => {
  const gate = (name: string, need: string) => ({ name, open: false, needs: [need] });
  const planned = run("implementation-planning");
  const verified = run("final-verification", { verdict: "blocked" });
  expect(nextStep(midway)).toBe(`okstra resume '${key}@implementation.stage-2#001'`);
  expect(nextStep(status({ runs: [run("implementation", { stage: 4, outcome: "prepared" })] }))).toBe(
    `okstra resume '${key}@implementation.stage-4#001'`,
  );
  const paused = run("error-analysis", { outcome: "quota-paused" });
  expect(nextStep(status({ runs: [paused] }))).toBe(`okstra resume '${key}@error-analysis#001'`);
  const failure = { message: "it does not fit", remedy: "Give the run more" };
  expect(nextStep(status({ runs: [run("error-analysis", { outcome: "budget-exceeded", failure })] }))).toBe(
    "Give the run more",
  );
  expect(nextStep(status({ runs: [paused, planned] }))).not.toContain("resume");
  expect(nextStep(status({ task: { gates: [gate("clarifications", "Answer C-001")] } }))).toBe("Answer C-001");
  expect(
    nextStep(status({ runs: [planned], task: { next: null, gates: [gate("plan approval", "Approve it")] } })),
  ).toBe("Approve it");
  expect(nextStep(status({ runs: [verified], task: { next: null, gates: [gate("acceptance", "Settle them")] } }))).toBe(
    "Settle them",
  );
  expect(nextStep(status())).toBe(`okstra run --task-key ${key} --task-type implementation-planning`);
  expect(nextStep(status({ task: { next: { taskType: "implementation", why: "" } } }))).toBe(
    `okstra implement ${key} --stage all`,
  );
  expect(nextStep(status({ task: { next: null } }))).toBeUndefined();
});

test("a task of a thousand stages fits on a page: what is worked on, what was done last, what comes first, and how many there are", () => {
  const stages = Array.from({ length: 1_000 }, (_, at) => {
    const n = at + 1;
    return stage(n, n <= 300 ? "done" : n === 301 ? "active" : n <= 400 ? "ready" : "blocked", n > 400 ? [n - 1] : []);
  });
  const needs = stages.slice(400).map(({ stageNumber }) => `Stage ${stageNumber} waits`);
  const gates = [{ name: "stage dependencies", open: false, needs }];
  const lines = statusText(status({ task: { stages, gates } }), noPaint).split("\n");
  const shown = lines.flatMap((line) => /^ {2}\S (\d+) +\w+ +Stage/.exec(line)?.[1] ?? []).map(Number);
  const from = (first: number): number[] => Array.from({ length: 12 }, (_, at) => first + at);
  expect(shown).toEqual([...from(289), 301, ...from(302), ...from(401)]);
  expect(lines).toContain(
    `  1000 stages: 300 done, 1 active, 99 ready, 600 blocked. All of them: okstra status ${key} --json`,
  );
  expect(lines).toContain("      and 590 more like these");
});

test("an open fix cycle is shown, and closed once its work is handed over", () => {
  const cycle = {
    cycle: 2,
    reason: "Vouchers are\nwrong",
    reopens: "r",
    openedAt: "2026-03-01T10:05:00.000Z",
    runs: [],
  };
  const at = (state: "open" | "closed", handedOver: boolean) =>
    status({ task: { next: null, fixCycle: { ...cycle, state, handedOver } } });
  expect(statusText(at("open", false), noPaint)).toContain(
    "Fix cycle 2, open since 2026-03-01 10:05: Vouchers are wrong",
  );
  expect(nextStep(at("open", false))).toBeUndefined();
  expect(nextStep(at("open", true))).toBe(`okstra fixcycle close ${key}`);
  expect(statusText(at("closed", true), noPaint)).not.toContain("Fix cycle");
  expect(nextStep(at("closed", true))).toBeUndefined();
});
