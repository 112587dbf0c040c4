import { expect, test } from "vitest";
import type { RunSummary } from "../lifecycle/task.schema.ts";
import { newestOfEach } from "./degraded-before.ts";

const run = (id: string, taskType: string, outcome: string | null, reason: string | null = null): RunSummary =>
  ({ id, taskType, scope: "task", outcome, reason }) as RunSummary;

test("of each phase the newest run that completed or was degraded, without the one that asks", () => {
  const runs = [
    run("a1", "error-analysis", "blocked", "degraded"),
    run("a2", "error-analysis", "completed"),
    run("a3", "error-analysis", "cancelled"),
    run("p1", "implementation-planning", "blocked", "degraded"),
    run("v1", "final-verification", null),
  ];
  expect(newestOfEach(runs, "v1").map(({ id }) => id)).toEqual(["a2", "p1"]);
});
