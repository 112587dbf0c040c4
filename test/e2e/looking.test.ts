/** What commands show of a task whose first stage is built. Each test looks only. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkCheckList } from "../../src/generated/checks.check.js";
import { checkInspectAnswer, checkYieldAnswer } from "../../src/generated/inspect.check.js";
import { checkWorktreeListAnswer, checkWorktreePathAnswer } from "../../src/generated/looking.check.js";
import { assertGolden } from "../golden.ts";
import { normalise } from "../normalise.ts";
import { agents, files, initialise, key, untilApproved } from "../rig/calculator.ts";
import { openRig, type Ran, type Rig } from "../rig/rig.ts";

let rig: Rig;

beforeAll(async () => {
  rig = openRig(files);
  await initialise(rig);
  await untilApproved(rig);
  await must("implement", key, "--stage", "1", "--agents", agents(rig));
}, 120_000);
afterAll(() => rig[Symbol.asyncDispose]());

async function must(...args: string[]): Promise<Ran> {
  const ran = await rig.okstra(args);
  if (ran.code !== 0) throw new Error(`${args.join(" ")}: exit ${ran.code}\n${ran.stdout}${ran.stderr}`);
  return ran;
}

const shown = (ran: Ran): string => normalise(ran.stdout, { paths: [rig.home, rig.root, rig.folder] });

test("worktree list: each tree with its state", async () => {
  const ran = await must("worktree", "list", "--json");
  const answer = ran.json<{ entries: { key: string; path: string; diskBytes: number | null }[] }>();
  expect(checkWorktreeListAnswer(answer), JSON.stringify(checkWorktreeListAnswer.errors)).toBe(true);
  expect(answer.entries).toEqual([
    expect.objectContaining({ key, stage: null, baseRef: "main", status: "active", dirty: false, merged: false }),
    expect.objectContaining({ key: `${key}#stage-1`, stage: 1, status: "released", dirty: false, merged: true }),
  ]);
  const plain = await must("worktree", "list", key, "--disk");
  assertGolden("cli/worktree-list.txt", shown(plain).replaceAll(/ {2,}(DISK|[\d.]+ KiB) +/g, "  <size>  "));
});

test("worktree path: ready for cd", async () => {
  const ran = await must("worktree", "path", key, "--stage", "1");
  expect(rig.gitAt(ran.stdout.trimEnd(), "rev-parse", "--abbrev-ref", "HEAD")).toBe("fix-add-s1");
  const answer = (await must("worktree", "path", key, "--json")).json<unknown>();
  expect(checkWorktreePathAnswer(answer)).toBe(true);
  const none = await rig.okstra(["worktree", "path", key, "--stage", "3", "--json"]);
  expect([none.code, none.json<{ error: { reason: string } }>().error.reason]).toEqual([2, "no-worktree"]);
});

test("inspect: why each item of a run ended as it did", async () => {
  const ran = await must("inspect", `${key}@error-analysis#001`, "--item", "f-001", "--item", "F-001");
  assertGolden("cli/inspect-run.txt", shown(ran).replaceAll(/\b[0-9a-f]{12}\b/g, "<commit>"));
  for (const subject of [key, `${key}@error-analysis#001`, `${key}@implementation-planning#001`]) {
    const answer = (await must("inspect", subject, "--json")).json<{ run: { id: string }; planBody: unknown }>();
    expect(checkInspectAnswer(answer), JSON.stringify(checkInspectAnswer.errors)).toBe(true);
    if (subject === key) expect(answer.run.id).toBe(`${key}@implementation.stage-1#001`);
  }
  expect((await must("inspect", `${key}@implementation-planning#001`)).stdout).toContain(
    "plan         passed, answered: claude, codex",
  );
  const none = await rig.okstra(["inspect", key, "--item", "F-009", "--json"]);
  expect([none.code, none.json<{ error: { reason: string } }>().error.reason]).toEqual([2, "usage"]);
  const state = ".okstra/tasks/math/add/runs/error-analysis/state/convergence-001.json";
  const putBack = rig.keep();
  rig.write(state, rig.read(state).replace('"full-consensus"', '"refuted"'));
  expect((await must("inspect", `${key}@error-analysis#001`)).stdout).toContain("was changed after the run");
  putBack();
});

test("inspect --yield: what each worker's findings came to", async () => {
  assertGolden("cli/inspect-yield.txt", shown(await must("inspect", "--yield")));
  const answer = (await must("inspect", "--yield", key, "--json")).json<{ rows: { taskType: string }[] }>();
  expect(checkYieldAnswer(answer), JSON.stringify(checkYieldAnswer.errors)).toBe(true);
  expect(answer.rows.filter(({ taskType }) => taskType === "error-analysis")).toMatchObject([
    { worker: "claude", runs: 1, raised: 1, confirmed: 1, refuted: 0, uniqueConfirmed: 0, tokens: 1100, costUsd: null },
    { worker: "codex", runs: 1, raised: 1, confirmed: 1 },
  ]);
  const state = ".okstra/tasks/math/add/runs/error-analysis/state/convergence-001.json";
  const putBack = rig.keep();
  rig.write(state, "{");
  const told = await must("inspect", "--yield");
  expect(told.stdout).toContain(`! ${key}@error-analysis#001 is left out: `);
  putBack();
});

test("worktree: a word that is none of its actions", async () => {
  const ran = await rig.okstra(["worktree", "lst"]);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('did you mean "list"');
});

test("validate: every run and plan of the project is as it should be", async () => {
  const runs = (await must("validate", "run", "--all", "--json")).json<{ ok: boolean; checks: { id: string }[] }>();
  for (const kind of ["run", "report", "bundle", "session"]) {
    const said = (await must("validate", kind, "--all")).stdout;
    const named = said.match(/^calc\/math\/add@.*$/gm);
    expect(named, said).toEqual([
      `${key}@error-analysis#001`,
      `${key}@implementation-planning#001`,
      `${key}@implementation.stage-1#001`,
    ]);
  }
  expect(checkCheckList(runs), JSON.stringify(checkCheckList.errors)).toBe(true);
  expect(runs.checks.filter(({ id }) => id === "manifest")).toHaveLength(3);
  const plan = await must("validate", "plan", key);
  assertGolden("cli/validate-plan.txt", shown(plan).replaceAll(/\b[0-9a-f]{12}\b/g, "<content>"));
  expect((await must("plan-validate", key)).stdout).toBe(plan.stdout);
});

test("validate: a file that was edited is found, by task, by run, by path", async () => {
  const report = ".okstra/tasks/math/add/runs/error-analysis/reports/final-report-error-analysis-001.md";
  const before = rig.read(report);
  rig.write(report, `${before}\nAll is well.\n`);
  const answers = [key, `${key}@error-analysis#001`, report].map((subject) =>
    rig.okstra(["validate", "run", subject, "--json"]),
  );
  for (const ran of await Promise.all(answers)) {
    const { ok, checks } = ran.json<{ ok: boolean; checks: { ok: boolean; id: string; where: string }[] }>();
    expect([ran.code, ok]).toEqual([1, false]);
    expect(checks.filter((check) => !check.ok).map(({ id, where }) => [id, where])).toEqual([
      ["artifact", `${rig.root}/${report}`],
    ]);
  }
  const told = await rig.okstra(["validate", "run", report]);
  rig.write(report, before);
  expect(told.stdout).toContain(`(${report})`);
  expect(told.stdout).toMatch(/result: 1 problem\n$/);
});

test("validate: what names no run", async () => {
  const wrong = [
    [["run", "./nowhere"], "not-a-run"],
    [["plan", `${key}@error-analysis#001`], "not-a-run"],
    [["run"], "usage"],
    [["rnu", key], "usage"],
    [["run", key, "--all"], "usage"],
  ] as const;
  for (const [args, reason] of wrong) {
    const ran = await rig.okstra(["validate", ...args, "--json"]);
    expect([args, ran.code, ran.json<{ error: { reason: string } }>().error.reason]).toEqual([args, 2, reason]);
  }
});

test("status: a plan, a record or a verdict that was changed by hand is seen whatever was changed", async () => {
  const reports = ".okstra/tasks/math/add/runs/implementation-planning/reports";
  const [data, markdown, record] = [
    "final-report-implementation-planning-001.data.json",
    "final-report-implementation-planning-001.md",
    "approval-001.json",
  ].map((name) => `${reports}/${name}`) as [string, string, string];
  const needs = async (): Promise<string> => {
    const status = (await must("status", key, "--json")).json<{
      task: { gates: { name: string; needs: string[] }[] };
    }>();
    return status.task.gates.find(({ name }) => name === "plan approval")?.needs.join("\n") ?? "";
  };
  const putBack = rig.keep();
  expect(await needs()).toBe("");
  const changed = (path: string, from: string, to: string) => {
    const text = rig.read(path);
    expect(text).toContain(from);
    rig.write(path, text.replace(from, to));
  };
  changed(data, '"rollback": "', '"rollback": "Do not. ');
  expect(await needs()).toMatch(/edited by hand|was changed after it was approved/);
  putBack();
  changed(markdown, "## 1 Clarification Items", "All is well.\n\n## 1 Clarification Items");
  expect(await needs()).toContain("edited by hand");
  putBack();
  // The same bytes, and a record that says that others were approved: the home knows better.
  changed(record, '"who": "', '"who": "Mallory and ');
  expect(await needs()).toContain("was changed after it was written");
  putBack();
});

test("reindex: the index says what it said before, also when it was lost", async () => {
  const index = ["recent.jsonl", "active.jsonl"].map((name) => join(rig.home, name));
  const rows = (path: string) =>
    readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { run: string; event: string; outcome: string | null; costUsd: number | null })
      .map(({ run, event, outcome, costUsd }) => ({ run, event, outcome, costUsd }));
  const before = index.map(rows);
  expect(before[0]?.length).toBeGreaterThan(2);
  for (const damage of [() => "", (text: string) => text.slice(0, -20), () => "rubbish\n"]) {
    for (const path of index) writeFileSync(path, damage(readFileSync(path, "utf8")));
    assertGolden("cli/reindex.txt", shown(await must("reindex")));
    expect(index.map(rows)).toEqual(before);
  }
});
