/**
 * Executors that fail, by their own fault or another's, and the fix loop, played whole as in test/e2e/lies.test.ts: a run ends by
 * name and within its rounds, and nothing of it is merged.
 */
import { describe, expect, test } from "vitest";
import { executed, honest, onApprovedPlan, stageOne, usage } from "../rig/approved.ts";
import { attempt, configure } from "../rig/attempts.ts";
import { finding, honestResult, noFindings } from "../rig/calculator.ts";
import type { Rig } from "../rig/rig.ts";
import { expectFacts, expectNothingTaken, expectUnmerged, linesWith } from "../rig/truth.ts";

type Json = Record<string, unknown>;

const wrong = { write: { "src/add.js": "export const add = (a, b) => a * b;\n" } };

describe("the executor of a stage", { timeout: 60_000 }, () => {
  let rig: Rig;
  onApprovedPlan(
    (opened) => {
      rig = opened;
    },
    { maxFixRounds: 0 },
  );
  const [writeTest, commitTest, writeCode, commitCode] = honest;

  test.each([
    {
      name: "is killed",
      acts: [writeTest, { misbehave: "kill-self" }],
      code: 4,
      outcome: "failed",
      says: "killed: was ended by SIGKILL",
    },
    {
      name: "is refused by its provider",
      acts: [{ misbehave: "auth-failure" }],
      code: 4,
      outcome: "failed",
      says: "auth: HTTP 401",
    },
    {
      name: "answers in prose three times",
      acts: [...honest, { misbehave: "prose-answer" }],
      code: 4,
      outcome: "failed",
      says: "The last message was prose",
    },
    {
      name: "exits 0 and says nothing",
      acts: [{ misbehave: "exit-0-silent" }],
      code: 4,
      outcome: "failed",
      says: "exited with code 0 and said neither",
    },
    {
      name: "has used up its quota",
      acts: [{ misbehave: "quota", detail: "2031-02-03T04:05:06Z" }],
      code: 5,
      outcome: "quota-paused",
      says: "The quota is there again at 2031-02-03T04:05:06Z",
    },
  ])("it $name: the run ends by name", async ({ acts, code, outcome, says }) => {
    const told = await executed(rig, acts);
    expect(told.ran.code).toBe(code);
    expect(told.run).toMatchObject({ outcome, report: null });
    expect(told.message).toContain(says);
    await expectNothingTaken(rig, told);
    expectUnmerged(rig);
  });

  describe("the fix loop", () => {
    const fails = [writeTest, commitTest, wrong, commitCode];
    const execute = {
      when: { purpose: "execute", stage: 1 },
      do: fails,
      result: { ...honestResult(stageOne), testsRun: [] },
      usage,
    };

    test("a blocking item that is fixed in round 1: done, and the report says how many rounds", async () => {
      configure(rig, { maxFixRounds: 2 });
      const commitFix = { commit: "fix(add): make it right indeed\n\nOkstra-Step: 1.2" };
      const fix = {
        when: { purpose: "fix", stage: 1, round: 1 },
        do: [writeCode, commitFix],
        result: honestResult(stageOne),
        usage,
      };
      const told = await attempt(rig, 1, [execute, fix]);
      expect(told.ran.code, told.ran.stdout).toBe(0);
      const report = expectFacts(rig, told);
      expect(report).toMatchObject({ fixRounds: 1, loop: "converging", integration: { state: "merged" } });
      expect(report.validation.every(({ outcome }) => outcome === "passed")).toBe(true);
      expect(report.commits).toHaveLength(3);
    });

    test("a blocking item that is never fixed: needs-decomposition after maxFixRounds, the loop's shape named", async () => {
      configure(rig, { maxFixRounds: 2 });
      const touch = (n: number): Json => ({
        when: { purpose: "fix", stage: 1, round: n },
        do: [
          { write: { "src/add.js": `export const add = (a, b) => a * b; // ${n}\n` } },
          { commit: `fix(add): try ${n}\n\nOkstra-Step: 1.2` },
        ],
        result: {
          ...honestResult(stageOne),
          summary: "all is well",
          testsRun: [{ command: "node --test", exitCode: 0 }],
        },
        usage,
      });
      const told = await attempt(rig, 1, [execute, touch(1), touch(2)]);
      expect(told.ran.code).toBe(3);
      expect(told.run).toMatchObject({ outcome: "blocked", reason: "needs-decomposition" });
      const report = expectFacts(rig, told);
      expect(report).toMatchObject({ fixRounds: 2, loop: "stagnant" });
      expect(told.message).toContain("after 2 fix rounds (stagnant)");
      expect(linesWith(told, "stagnant").length).toBeGreaterThan(0);
      await expectNothingTaken(rig, told);
    });

    test("an item that a person lets pass blocks the stage no more, and is named with who did", async () => {
      const quote = "export const add = (a, b) => a + b;";
      const evidence = [{ kind: "file", path: "src/add.js", lines: { start: 1, end: 1 }, quote }];
      const doubt = { ...finding("G-1"), title: "no check of numbers", claim: "add glues texts together", evidence };
      const doubts = {
        when: { purpose: "verify", worker: "codex" },
        result: { ...noFindings, verdict: "fail", findings: [doubt] },
        usage,
      };
      const first = await attempt(rig, 1, [doubts]);
      expect(first.run).toMatchObject({ outcome: "blocked", reason: "needs-decomposition" });
      // Ids belong to the task: the analysis has the first.
      expect(first.report?.items).toMatchObject([{ id: "F-002", persistence: "new" }]);
      const passed = await rig.okstra(["override", first.run.id, "F-002", "--reason", "Only numbers come here."]);
      expect([passed.code, passed.stdout]).toEqual([0, expect.stringContaining("--stage 1")]);
      const told = await attempt(rig, 1, [doubts]);
      expect(told.ran.code, told.ran.stdout).toBe(0);
      const report = expectFacts(rig, told);
      expect(report.integration.state).toBe("merged");
      expect(report.items).toMatchObject([{ id: "F-002", persistence: "persists" }]);
      expect(report.verifierVerdicts.map(({ verdict }) => verdict)).toEqual(["PASS", "PASS"]);
      expect(linesWith(told, "no check of numbers: overridden by").join("\n")).toContain("Only numbers come here.");
    });

    test("what a fix brings in counts against it: the report says so, and its verifiers look at the change since", async () => {
      configure(rig, { maxFixRounds: 1 });
      const quote = "export const add = (a, b) => a + b;";
      const at = (path: string, line: string) => [{ kind: "file", path, lines: { start: 1, end: 1 }, quote: line }];
      const doubt = {
        ...{ ...finding("G-1"), title: "no check of numbers", claim: "add glues texts together" },
        evidence: at("src/add.js", quote),
      };
      const mended = "export const add = (a, b) => Number(a) + Number(b);";
      const brought = {
        ...{ ...finding("G-1"), title: "null counts as zero", claim: "add takes null for a number" },
        evidence: at("src/add.js", mended),
      };
      const told = await attempt(rig, 1, [
        {
          when: { purpose: "verify", worker: "codex", round: 1 },
          result: { ...noFindings, verdict: "fail", findings: [brought] },
          usage,
        },
        {
          when: { purpose: "verify", worker: "codex" },
          result: { ...noFindings, verdict: "fail", findings: [doubt] },
          usage,
        },
        {
          when: { purpose: "fix", stage: 1, round: 1 },
          do: [{ write: { "src/add.js": `${mended}\n` } }, { commit: "fix(add): take numbers\n\nOkstra-Step: 1.2" }],
          result: honestResult(stageOne),
          usage,
        },
      ]);
      expect(told.run, told.ran.stdout).toMatchObject({ outcome: "blocked", reason: "needs-decomposition" });
      const line = "F-003 (null counts as zero) was not there before fix round 1";
      expect(told.report?.limits).toContain(line);
      expect(told.markdown).toContain("was not there before fix round 1");
      const asked = (round: string): string =>
        rig.read(`${told.run.runDir}/prompts/codex-verifier${round}-implementation-001.md`);
      const [first, second] = [asked(""), asked("-r1")];
      expect(first).toContain("diff --git a/test/add.test.js b/test/add.test.js");
      expect(second).toContain("diff --git a/src/add.js b/src/add.js");
      expect(second).toContain(`-${quote}`);
      expect(second).not.toContain("diff --git a/test/add.test.js");
      expect(second).toContain("no check of numbers");
    });

    test("an item whose finder died after the fix stands; a cause on two paths is to be mended in one place", async () => {
      configure(rig, { maxFixRounds: 1, roster: { implementation: ["claude", "codex", "gemini"] } });
      const quote = "export const add = (a, b) => a + b;";
      const doubt = {
        ...finding("G-1"),
        title: "no check of numbers",
        claim: "add takes strings and glues them together",
        evidence: [{ kind: "file", path: "src/add.js", lines: { start: 1, end: 1 }, quote }],
      };
      // What the analysis of the task found at src/add.js.
      const again = {
        ...finding("G-2"),
        evidence: [
          {
            ...{ kind: "file", path: "test/start.test.js", lines: { start: 1, end: 1 } },
            quote: 'import { test } from "node:test";',
          },
        ],
      };
      const told = await attempt(rig, 1, [
        {
          when: { purpose: "verify", worker: "gemini", round: 1 },
          do: [{ misbehave: "kill-self" }],
          result: noFindings,
        },
        {
          when: { purpose: "verify", worker: "gemini" },
          result: { ...noFindings, verdict: "fail", findings: [doubt, again] },
          usage,
        },
        {
          when: { purpose: "fix", stage: 1, round: 1 },
          do: [
            { write: { "src/add.js": `${quote} // of numbers\n` } },
            { commit: "fix(add): say what it takes\n\nOkstra-Step: 1.2" },
          ],
          result: honestResult(stageOne),
          usage,
        },
      ]);
      expect(told.run, told.ran.stdout).toMatchObject({ outcome: "blocked", reason: "needs-decomposition" });
      expect(told.message).toContain("2 blocking items stand after 1 fix rounds");
      expect(told.report?.items.map(({ id, title, persistence }) => [id, title, persistence]).sort()).toEqual([
        ["F-002", "no check of numbers", "persists"],
        ["F-003", "add subtracts", "persists"],
      ]);
      const folder = `${told.run.runDir}`;
      const cause = { id: "I-F-001", paths: ["src/add.js", "test/start.test.js"], items: ["F-001", "F-003"] };
      expect(JSON.parse(rig.read(`${folder}/state/invariants.json`))).toMatchObject({ invariants: [cause] });
      const orders = rig.read(`${folder}/prompts/claude-executor-r1-implementation-001.md`);
      expect(orders).toContain(
        "The same root cause stands at src/add.js, test/start.test.js (F-001): enforce it in one place",
      );
      const facts = rig.read(`${folder}/prompts/facts-implementation-001.json`);
      expect(JSON.parse(facts)).toMatchObject({ invariants: [cause] });
    });
  });

  test("a folder that worktrees link to, changed by the executor: the report says which files", async () => {
    configure(rig, { worktreeSyncDirs: ["vendor", "assets"] });
    for (const folder of ["vendor", "assets"]) rig.write(`${folder}/lib.js`, "mine\n");
    const told = await executed(rig, [...honest, { write: { "vendor/lib.js": "theirs\n" } }]);
    expect(rig.read("vendor/lib.js")).toBe("theirs\n");
    expect(told.report?.limits.filter((line) => line.includes("link"))).toEqual([
      `${rig.root}/vendor, which worktrees link to, was changed while the executor worked: vendor/lib.js`,
    ]);
    expect(told.markdown).toContain("which worktrees link to, was changed");
  });
});
