import { expect, test } from "vitest";
import { exitOfRun, exitOfRuns } from "./exit-code.ts";

const run = (
  outcome: Parameters<typeof exitOfRun>[0]["outcome"],
  reason: string | null = null,
  verdict: string | null = null,
) => ({
  outcome,
  reason,
  verdict,
});

test.each([
  [run("completed"), 0],
  [run("completed", null, "accepted"), 0],
  [run("completed", null, "merged"), 0],
  [run("completed", null, "blocked"), 3],
  [run("completed", null, "conditional-accept"), 3],
  [run("completed", null, "merge-conflict"), 3],
  [run("prepared"), 0],
  [run(null), 0],
  [run("blocked", "clarifications-open"), 3],
  [run("failed", "git-failed"), 1],
  [run("failed", "agent-failed"), 4],
  [run("failed", "agent-timed-out"), 4],
  [run("failed", "a word of a later version"), 1],
  [run("failed", "constructor"), 1],
  [run("no-work", "no-work"), 4],
  [run("budget-exceeded"), 5],
  [run("quota-paused"), 5],
  [run("contract-violation"), 6],
  [run("cancelled"), 130],
])("%j ends with %i", (ended, code) => {
  expect(exitOfRun(ended)).toBe(code);
});

test("of several runs the first that did not end well decides", () => {
  expect(exitOfRuns([])).toBe(0);
  expect(exitOfRuns([run("completed"), run("blocked"), run("contract-violation")])).toBe(3);
});
