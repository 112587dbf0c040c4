/**
 * Agents that may only read and do more, or say what is not so, played whole: verifiers of a stage, analysers of a fault, the report
 * writer. What they touched is put back and kept as evidence, what they claim without evidence is nobody's fact.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ReportErrorAnalysis } from "../../src/report/report.schema.ts";
import { onApprovedPlan, usage } from "../rig/approved.ts";
import { attempt, factsOf, type Told, toldOf } from "../rig/attempts.ts";
import { agents, files, finding, initialise, key, noFindings, scenario } from "../rig/calculator.ts";
import { openRig, type Rig } from "../rig/rig.ts";
import { expectFacts, expectNothingTaken, expectUnmerged, linesWith } from "../rig/truth.ts";

type Json = Record<string, unknown>;

describe("the verifiers of a stage", { timeout: 60_000 }, () => {
  let rig: Rig;
  onApprovedPlan((opened) => {
    rig = opened;
  });

  const verifier = (more: Json): Json => ({ when: { purpose: "verify", worker: "codex" }, usage, ...more });
  const passes = { ...noFindings, verdict: "pass" };

  test("a verifier edits what it reads: undone, and evidence kept", async () => {
    const told = await attempt(rig, 1, [
      verifier({ do: [{ write: { "src/add.js": "mine\n", "new.txt": "new\n" } }], result: passes }),
    ]);
    expect(told.ran.code).toBe(6);
    expect(told.run.outcome).toBe("contract-violation");
    const log = rig.read(`${told.run.runDir}/state/logs-001/verify-0-violation.log`);
    expect(log).toContain("+mine");
    expect(log).toContain("+new");
    expect(rig.git("for-each-ref", "--format=%(refname)", "refs/okstra/evidence/")).toMatch(
      /^refs\/okstra\/evidence\/\S+$/,
    );
    expect(factsOf(rig, "main", told.run.worktree?.branch ?? "").files).toEqual(["src/add.js", "test/add.test.js"]);
    await expectNothingTaken(rig, told);
  });

  test("a verifier plants a hook and moves the stage's branch", async () => {
    const branch = "fix-add-s1";
    const told = await attempt(rig, 1, [
      verifier({
        do: [{ misbehave: "plant-hook" }, { misbehave: "commit-elsewhere", detail: branch }],
        result: passes,
      }),
    ]);
    expect(told.ran.code).toBe(6);
    expect(told.message).toContain(".git/hooks/pre-commit added");
    expect(told.message).toContain(`refs/heads/${branch} moved`);
    expect(existsSync(join(rig.root, ".git/hooks/pre-commit"))).toBe(false);
    await expectNothingTaken(rig, told);
    expectUnmerged(rig);
  });

  test("a verifier that dies leaves too few: blocked, with who and why", async () => {
    const told = await attempt(rig, 1, [verifier({ do: [{ misbehave: "kill-self" }] })]);
    expect(told.ran.code).toBe(3);
    expect(told.run).toMatchObject({ outcome: "blocked", reason: "degraded" });
    expect(told.message).toMatch(/^Only 1 of 2 verifiers answered; missing: codex \(error: killed: /);
    await expectNothingTaken(rig, told);
  });

  test("a verifier's blocker with a quote that stands nowhere blocks nothing, and stays visible", async () => {
    const invented = {
      ...finding("X-F1"),
      severity: "blocker",
      title: "add divides",
      claim: "add divides its arguments",
    };
    const evidence = [
      { kind: "file", path: "src/add.js", lines: { start: 1, end: 1 }, quote: "export const add = (a, b) => a / b;" },
    ];
    const result = { ...noFindings, findings: [{ ...invented, evidence }], verdict: "fail" };
    const told = await attempt(rig, 1, [verifier({ result })]);
    expect(told.ran.code).toBe(0);
    const report = expectFacts(rig, told);
    expect(report.items).toMatchObject([{ title: "add divides", class: "unsubstantiated" }]);
    expect(report.items[0]?.members[0]?.evidence).toMatchObject([{ state: "refuted" }]);
    expect(linesWith(told, "add divides").length).toBeGreaterThan(0);
  });
});

describe("the analysers of a fault", { timeout: 60_000 }, () => {
  let rig: Rig;
  let putBack: () => void;

  beforeAll(async () => {
    rig = openRig(files);
    await initialise(rig);
    putBack = rig.keep();
  }, 60_000);
  beforeEach(() => putBack(), 60_000);
  afterAll(async () => await rig[Symbol.asyncDispose]());

  type Analysis = Told<ReportErrorAnalysis>;
  const blind = (more: Json, worker = "codex"): Json => ({
    when: { taskType: "error-analysis", purpose: "blind", worker },
    usage,
    ...more,
  });
  const agrees = (item: string): Json => ({ item, verdict: "AGREE", reason: "so it is", evidence: [] });
  const tree = (): string => join(rig.home, "worktrees/calc/math/add/task");

  async function analysed(first: readonly Json[], ...args: readonly string[]): Promise<Analysis> {
    const scripts = JSON.parse(scenario(first)) as { families: Json };
    scripts.families["gemini"] = "google";
    rig.write(`${rig.folder}/scenario.yaml`, JSON.stringify(scripts));
    const start = [
      "run",
      `${rig.folder}/brief.md`,
      "--task-key",
      key,
      "--task-type",
      "error-analysis",
      "--base-ref",
      "main",
    ];
    return toldOf<ReportErrorAnalysis>(rig, await rig.okstra([...start, "--agents", agents(rig), ...args, "--json"]));
  }

  test("a false quote stands refuted, whoever agrees with it; the report says that its agents were scripted", async () => {
    const evidence = [
      { kind: "file", path: "src/twice.js", lines: { start: 1, end: 1 }, quote: "export const twice = (a) => a / 2;" },
    ];
    const invented = { ...finding("X-F1"), title: "twice halves", claim: "twice halves its argument", evidence };
    const outside = [
      {
        kind: "file",
        path: "../../../../etc/passwd",
        lines: { start: 1, end: 1 },
        quote: "root:x:0:0:root:/root:/bin/bash",
      },
    ];
    const reaching = { ...finding("X-F2"), title: "the host is open", claim: "passwd can be read", evidence: outside };
    const round = {
      when: { taskType: "error-analysis", purpose: "round" },
      result: { schemaVersion: 1, verdicts: ["F-001", "F-002", "F-003"].map(agrees) },
      usage,
    };
    const told = await analysed([blind({ result: { ...noFindings, findings: [invented, reaching] } }), round]);
    expect(told.ran.code).toBe(0);
    const { report } = told;
    const classes = Object.fromEntries((report?.items ?? []).map((item) => [item.title, item.class]));
    expect(classes).toEqual({
      "add subtracts": "full-consensus",
      "twice halves": "unsubstantiated",
      "the host is open": "unsubstantiated",
    });
    const states = Object.fromEntries(
      (report?.items ?? []).map((item) => [
        item.title,
        item.members.flatMap((member) => member.evidence.map(({ state }) => state)),
      ]),
    );
    expect(states).toEqual({
      "add subtracts": ["held"],
      "twice halves": ["refuted"],
      "the host is open": ["unchecked"],
    });
    expect(linesWith(told, "twice halves").length).toBeGreaterThan(0);
    expect(report?.scripted).toBe(true);
    expect(told.markdown).toMatch(/scripted agents/i);
  });

  test("another model served than requested: shown, and its family counts, so that nobody agreed across vendors", async () => {
    const told = await analysed([
      blind({
        result: { ...noFindings, findings: [finding("X-F1")] },
        modelServed: "claude-opus-5-5",
        usage: { input: -5, output: 1e15 },
      }),
    ]);
    const codex = told.report?.roster.find(({ workerId }) => workerId === "codex");
    expect(codex).toMatchObject({ modelRequested: "scripted", modelServed: "claude-opus-5-5", family: "anthropic" });
    expect(told.report?.convergence.standing).toBe("single-family");
    expect(told.report?.items).toMatchObject([{ title: "add subtracts", class: "partial-consensus" }]);
    expect(linesWith(told, "claude-opus-5-5").length).toBeGreaterThan(0);
    // A usage that cannot be is unknown, and in no sum.
    expect(told.report?.usage.byWorker.find(({ workerId }) => workerId === "codex")?.usage).toMatchObject({
      totalTokens: 0,
      unknown: 1,
    });
  });

  test("one edits, commits and plants: undone, and evidence kept", async () => {
    const config = rig.read(".git/config");
    const told = await analysed([
      blind({
        do: [
          { write: { "src/add.js": "mine\n", "src/new.js": "new\n", "src/twice.js": null } },
          { commit: "mine, not asked for" },
          { misbehave: "plant-config" },
        ],
        result: noFindings,
      }),
    ]);
    expect(told.ran.code).toBe(6);
    expect(told.run).toMatchObject({ outcome: "contract-violation", report: null });
    for (const what of [".git/config changed", "HEAD moved", "files were changed"])
      expect(told.message).toContain(what);
    expect(rig.read(".git/config")).toBe(config);
    expect(existsSync(join(rig.root, ".git/planted-config-ran"))).toBe(false);
    expect(rig.gitAt(tree(), "rev-parse", "HEAD")).toBe(rig.git("rev-parse", "main"));
    expect(rig.gitAt(tree(), "status", "--porcelain")).toBe("");
    const log = rig.read(`${told.run.runDir}/state/logs-001/blind-violation.log`);
    expect(log).toContain("+mine");
    expect(log).toContain("-export const twice");
    expect(rig.read(`${told.run.runDir}/state/logs-001/blind-planted.log`)).toContain("planted-fsmonitor");
  });

  test("one moves a branch of the project, or deletes the worktree", async () => {
    const moved = await analysed([
      blind({ do: [{ misbehave: "commit-elsewhere", detail: "main" }], result: noFindings }),
    ]);
    expect(moved.ran.code).toBe(6);
    expect(moved.message).toContain("refs/heads/main moved from");
    putBack();
    const gone = await analysed([blind({ do: [{ misbehave: "delete-worktree" }], result: noFindings })]);
    expect(gone.ran.code).toBe(6);
    expect(rig.gitAt(tree(), "status", "--porcelain")).toBe("");
  });

  test("the report writer edits", async () => {
    const write = {
      when: { purpose: "write" },
      do: [{ write: { "src/add.js": "mine\n" } }],
      result: {
        schemaVersion: 1,
        summary: "add subtracts",
        direction: "mend",
        followUps: [],
        symptoms: [],
        triggers: [],
        hypotheses: [],
        reproduction: "",
        validationPath: "",
      },
      usage,
    };
    const told = await analysed([write]);
    expect(told.ran.code).toBe(6);
    expect(rig.gitAt(tree(), "status", "--porcelain")).toBe("");
  });

  test("prose three times: that worker abstains, the others go on; with two it is degraded", async () => {
    const prose = blind({ do: [{ misbehave: "prose-answer" }] });
    const three = await analysed([prose], "--workers", "claude,codex,gemini");
    const codex = three.report?.roster.find(({ workerId }) => workerId === "codex");
    expect(codex).toMatchObject({ status: "error", reason: expect.stringContaining("The last message was prose") });
    expect(three.report?.convergence.skippedWorkers).toMatchObject([{ worker: "codex" }]);
    expect(three.report?.items).toMatchObject([{ class: "full-consensus" }]);
    expect(three.report?.items[0]?.votes.map(({ family }) => family).sort()).toEqual(["anthropic", "google"]);
    putBack();
    const two = await analysed([prose]);
    expect(two.ran.code).toBe(3);
    expect(two.run).toMatchObject({ outcome: "blocked", reason: "degraded", report: null });
    expect(two.run.failure?.remedy).toContain("okstra show");
    const status = (await rig.okstra(["status", key])).stdout;
    expect(status).toContain("Only 1 of 2 workers answered; missing: codex");
    expect(status).toContain("To go on: See more with okstra show");
    expect(two.message).toContain("missing: codex (error: invalid-result");
    expect((await rig.okstra(["show", two.run.id])).stdout).toMatch(
      /codex-analyser\s+error\s+\S+ m?s\s+invalid-result: gave/,
    );
  });

  test.each([
    { name: "is dead", act: { misbehave: "kill-self" }, code: 3, reason: "degraded", says: "codex (error: killed" },
    {
      name: "is refused by its provider",
      act: { misbehave: "auth-failure" },
      code: 3,
      reason: "degraded",
      says: "codex (error: auth",
    },
    {
      name: "has used up its quota",
      act: { misbehave: "quota" },
      code: 5,
      reason: "quota-paused",
      says: "The provider did not say when",
    },
  ])("one of two $name: never a silent pass", async ({ act, code, reason, says }) => {
    const told = await analysed([blind({ do: [act] })]);
    expect(told.ran.code).toBe(code);
    expect(told.run).toMatchObject({ reason, report: null });
    expect(told.message).toContain(says);
  });
});
