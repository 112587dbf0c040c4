import { expect, test } from "vitest";
import type { RunSummary } from "../../lifecycle/task.schema.ts";
import { Fault, type Outcome, outcomes, readRun, type TaskType } from "../../model/index.ts";
import { noUsage } from "../summary.ts";
import { readSelector, selects } from "./selector.ts";

const summary = (id: string, outcome: Outcome | null, startedAt: string): RunSummary => {
  const { taskType, stage, seq } = readRun(id);
  return {
    id,
    taskKey: id.split("@")[0] ?? "",
    taskType,
    stage,
    scope: "task",
    seq,
    outcome,
    reason: null,
    verdict: null,
    runDir: "",
    report: null,
    worktree: null,
    startedAt,
    endedAt: null,
    usage: noUsage,
    journalHead: "",
  };
};

const runs = [
  summary("p/g/one@error-analysis#001", "failed", "2026-11-20T10:00:00.000Z"),
  summary("p/g/one@error-analysis#002", "completed", "2026-11-20T23:59:59.999Z"),
  summary("p/g/one@implementation-planning#001", "no-work", "2026-11-21T00:00:00.000Z"),
  summary("p/g/two@error-analysis#001", "blocked", "2026-11-21T08:00:00.000Z"),
  summary("p/g/two@error-analysis#002", null, "2026-11-22T08:00:00.000Z"),
];

const picked = (selector: string): string[] =>
  runs.filter((run) => selects(readSelector(selector), run)).map(({ id }) => id.replace(/^p\/g\//, ""));

test.each([
  ["p/g/one@error-analysis#001", ["one@error-analysis#001"]],
  ["p:g:One@error-analysis#1", ["one@error-analysis#001"]],
  [" p/g/one@error-analysis#002 , p/g/two@error-analysis#001", ["one@error-analysis#002", "two@error-analysis#001"]],
  ["task:p/g/two", ["two@error-analysis#001", "two@error-analysis#002"]],
  ["task:p/g/two,type:implementation-planning", []],
  ["type:implementation-planning,type:error-analysis,task:p/g/one", runs.slice(0, 3).map(({ id }) => id.slice(4))],
  ["failed", ["one@error-analysis#001", "one@implementation-planning#001"]],
  ["failed,since:2026-11-21", ["one@implementation-planning#001"]],
  ["since:2026-11-21,since:2026-11-22", ["two@error-analysis#002"]],
  ["since:2026-11-21T01:00:00+01:00,task:p/g/one", ["one@implementation-planning#001"]],
  ["p/g/one@error-analysis#002,failed", []],
] satisfies [string, string[]][])("%s", (selector, expected) => {
  expect(picked(selector)).toEqual(expected);
});

test("failed means the outcomes without work, and no others", () => {
  const of = (outcome: Outcome) => summary("p/g/one@error-analysis#001", outcome, "2026-11-20T10:00:00.000Z");
  const seen = outcomes.filter((outcome) => selects(readSelector("failed"), of(outcome)));
  expect(seen).toEqual(["failed", "no-work", "budget-exceeded", "quota-paused", "contract-violation"]);
});

test.each([
  ["", "usage"],
  [" , ", "usage"],
  ["faild", "usage"],
  ["since:yesterday", "usage"],
  ["since:2026-13-40", "usage"],
  ["since:2026-11-21T04:00:00", "usage"],
  ["type:error-analisys", "unknown-task-type"],
  ["task:one", "bad-task-key"],
  ["p/g/one@error-analysis", "bad-run-id"],
])("%s is refused: %s", (selector, reason) => {
  let thrown: unknown;
  try {
    readSelector(selector);
  } catch (caught) {
    thrown = caught;
  }
  expect(thrown instanceof Fault ? thrown.failure.reason : thrown).toBe(reason);
});

test("the task type may be any", () => {
  const type: TaskType = "release-handoff";
  expect(readSelector(`type:${type}`).types).toEqual([type]);
});
