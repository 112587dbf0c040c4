import { sep } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RunRef, type TaskKey, taskTypes } from "../model/index.ts";
import { homeOf } from "./home.ts";
import { homePaths, projectPaths, runFolder, runPaths, sequenceOf, taskPaths, worktreePaths } from "./paths.ts";

const key: TaskKey = { project: "Shop", group: "Check Out", task: "T1" };
const planning: RunRef = { key, taskType: "implementation-planning", stage: null, seq: 7 };
const stageRun: RunRef = { key, taskType: "implementation", stage: 2, seq: 12 };
const root = "/p/.okstra/tasks/check-out/t1";

test("a task's folder lies under its segments", () => {
  expect(taskPaths("/p", key)).toMatchObject({
    folder: root,
    manifest: `${root}/task-manifest.json`,
    clarifications: `${root}/clarifications.jsonl`,
    ledger: `${root}/runs/implementation-planning/consumers.jsonl`,
    timeline: `${root}/history/timeline.json`,
  });
  expect(taskPaths("/p", key).carry(3)).toBe(`${root}/runs/implementation/carry/stage-3.json`);
  expect(`${root}/${taskPaths("/p", key).carryRelative(3)}`).toBe(taskPaths("/p", key).carry(3));
  expect(taskPaths("/p", key).oldCarries("0123456789abcdef")).toBe(`${root}/runs/implementation/carry/01234567`);
  expect(projectPaths("/p").catalog).toBe("/p/.okstra/discovery/task-catalog.json");
});

describe("a run's files", () => {
  test("one folder for all runs of a type; the stage matters for implementation only", () => {
    expect(runPaths("/p", planning).folder).toBe(`${root}/runs/implementation-planning`);
    expect(runPaths("/p", stageRun).folder).toBe(`${root}/runs/implementation/stage-2`);
    expect(runFolder("/p", key, "implementation", null)).toBe(`${root}/runs/implementation`);
    expect(runFolder("/p", key, "final-verification", 2)).toBe(`${root}/runs/final-verification`);
  });
  test("carry the type and a sequence number of three digits", () => {
    const paths = runPaths("/p", planning);
    expect(paths.manifest).toBe(
      `${root}/runs/implementation-planning/manifests/run-manifest-implementation-planning-007.json`,
    );
    expect(paths.journal).toBe(`${root}/runs/implementation-planning/state/events-007.jsonl`);
    expect(paths.reportData).toBe(
      `${root}/runs/implementation-planning/reports/final-report-implementation-planning-007.data.json`,
    );
    expect(paths.approval).toBe(`${root}/runs/implementation-planning/reports/approval-007.json`);
    expect(paths.userResponse).toBe(
      `${root}/runs/implementation-planning/user-responses/user-response-implementation-planning-007.md`,
    );
  });
  test("of one dispatch have one name", () => {
    const paths = runPaths("/p", stageRun);
    const name = "codex-verifier-r2-a3-implementation-012";
    const dispatch = { worker: "codex", role: "verifier", round: 2, attempt: 3 };
    expect(paths.prompt(dispatch)).toBe(`${paths.prompts}/${name}.md`);
    expect(paths.stream(dispatch)).toBe(`${paths.prompts}/${name}.log`);
    expect(paths.result(dispatch)).toBe(`${paths.results}/${name}.json`);
    expect(paths.audit(dispatch)).toBe(`${paths.results}/${name}-audit.md`);
    expect(paths.dispatchErrors(dispatch)).toBe(`${paths.results}/${name}-errors.json`);
    expect(paths.result({ worker: "codex", role: "analyser", attempt: 1 })).toBe(
      `${paths.results}/codex-analyser-implementation-012.json`,
    );
  });
  test("are found again by their number", () => {
    expect(sequenceOf("run-manifest-implementation-012.json", "implementation")).toBe(12);
    expect(sequenceOf("run-manifest-implementation-1000.json", "implementation")).toBe(1_000);
    for (const other of [
      "run-manifest-implementation-12.json",
      "run-manifest-implementation-planning-012.json",
      "x.json",
      "run-manifest-implementation-012.json.tmp",
    ]) {
      expect(sequenceOf(other, "implementation")).toBeUndefined();
    }
  });
});

test("worktrees of a task lie side by side", () => {
  const trees = worktreePaths("/h", key);
  expect(trees).toMatchObject({
    folder: "/h/worktrees/shop/check-out/t1",
    task: "/h/worktrees/shop/check-out/t1/task",
  });
  expect(trees.stage(2)).toBe("/h/worktrees/shop/check-out/t1/stage-2");
});

test("the home keeps locks and heads by key and run", () => {
  const home = homePaths("/h");
  expect(home.locks.task(key)).toBe("/h/.locks/worktree-provision/shop/check-out/t1.lock");
  expect(home.locks.run(stageRun)).toBe("/h/.locks/run/shop/check-out/t1/implementation.stage-2-012.lock");
  expect(home.head(planning)).toBe("/h/heads/shop/check-out/t1/implementation-planning-007.json");
  expect(home.projectMeta("Shop")).toBe("/h/projects/shop/meta.json");
});

test("OKSTRA_HOME counts when it is not blank", () => {
  expect(homeOf({}, "/u")).toBe("/u/.okstra");
  expect(homeOf({ OKSTRA_HOME: "  " }, "/u")).toBe("/u/.okstra");
  expect(homeOf({ OKSTRA_HOME: "/x/" }, "/u")).toBe("/x");
});

test("whatever the ids, no path leaves its root, and different runs have different files", () => {
  const ids = fc.string({ unit: "binary", maxLength: 30 });
  const keys = fc.record({ project: ids, group: ids, task: ids });
  const runs = fc.record({
    key: keys,
    taskType: fc.constantFrom(...taskTypes),
    stage: fc.option(fc.integer({ min: 1, max: 99 })),
    seq: fc.integer({ min: 1, max: 9_999 }),
  });
  fc.assert(
    fc.property(runs, (run) => {
      const paths = runPaths("/p", run);
      for (const path of [
        paths.journal,
        paths.result({ worker: run.key.task, role: "analyser" }),
        paths.log(run.key.group),
      ]) {
        expect(path.startsWith(`/p${sep}.okstra${sep}tasks${sep}`)).toBe(true);
        expect(path.split(sep)).not.toContain("..");
      }
      expect(homePaths("/h").head(run).startsWith("/h/heads/")).toBe(true);
      expect(runPaths("/p", { ...run, seq: run.seq + 1 }).journal).not.toBe(paths.journal);
    }),
  );
});
