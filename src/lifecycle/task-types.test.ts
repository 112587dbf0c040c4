import { expect, test } from "vitest";
import { taskTypes } from "../model/index.ts";
import { branchPrefixes, defaultCategory, profiles } from "./task-types.ts";

test("every task type has its profile under its own name, and leads only to task types", () => {
  expect(Object.keys(profiles).sort()).toEqual([...taskTypes].sort());
  for (const taskType of taskTypes) {
    expect(profiles[taskType].taskType).toBe(taskType);
    for (const next of profiles[taskType].next) expect(taskTypes).toContain(next);
  }
});

test("the entry types are the three that take a brief", () => {
  expect(taskTypes.filter((taskType) => profiles[taskType].entry)).toEqual([
    "requirements-discovery",
    "improvement-discovery",
    "error-analysis",
  ]);
});

test("only implementation changes the source, in a tree of its own and after approval", () => {
  const changing = taskTypes.filter((taskType) => profiles[taskType].mayChangeSource);
  expect(changing).toEqual(["implementation"]);
  expect(profiles.implementation).toMatchObject({
    workplace: "stage-tree",
    needsApprovedPlan: true,
    needsRepository: true,
  });
});

test("rounds and adversarial checks are those of the specification", () => {
  expect(profiles["requirements-discovery"].convergence.maxRounds).toBe(1);
  expect(taskTypes.filter((taskType) => profiles[taskType].convergence.adversarial)).toEqual([
    "requirements-discovery",
    "error-analysis",
    "implementation-planning",
  ]);
  expect(taskTypes.filter((taskType) => profiles[taskType].planCheck)).toEqual(["implementation-planning"]);
});

test("category and branch prefix follow the task type", () => {
  expect(taskTypes.map((taskType) => branchPrefixes[defaultCategory(taskType)])).toEqual([
    "feat",
    "improve",
    "fix",
    "feat",
    "feat",
    "feat",
    "feat",
  ]);
  expect(branchPrefixes).toEqual({
    bugfix: "fix",
    feature: "feat",
    refactor: "refactor",
    ops: "ops",
    improvement: "improve",
  });
});
