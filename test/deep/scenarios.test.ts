/**
 * Each class, gate result, verdict, degraded state, mechanical check and outcome, played through the command line with scripted
 * agents. As few runs as can be: one shows all classes, one all mechanical checks. What other tests show is named in the table, by
 * the file that has it; the last test holds the table against the names that the code knows.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ConvergenceState,
  convergenceState,
  itemClass,
  planBodyState,
} from "../../src/convergence/convergence.schema.ts";
import { outcomes } from "../../src/model/task.ts";
import type { ReportFinalVerification, ReportImplementationPlanning } from "../../src/report/report.schema.ts";
import { schemas } from "../../src/report/report.schema.ts";
import { attempt, configure, toldOf } from "../rig/attempts.ts";
import {
  files,
  finding,
  honestActs,
  honestResult,
  initialise,
  key,
  noFindings,
  scenario,
  stages,
} from "../rig/calculator.ts";
import { openRig, packageRoot, type Rig } from "../rig/rig.ts";
import { expectNothingTaken, failing } from "../rig/truth.ts";

type Json = Record<string, unknown>;

const here = "deep/scenarios";
const lies = "e2e/lies";

/** What shows each name, beside the demo that shows the good ones. */
const shown = {
  classes: {
    ...{ unsubstantiated: here, refuted: here, contested: here },
    ...{ "full-consensus": here, "partial-consensus": here, "worker-unique": here },
  },
  gates: {
    ...{ passed: here, "passed-with-dissent": here },
    ...{ "blocked-by-disagreement": here, "aborted-non-result": here },
  },
  verdicts: { accepted: "deep/verification", "conditional-accept": "deep/verification", blocked: here },
  verifiers: { PASS: here, FAIL: here, abstained: here },
  standings: { normal: here, "single-family": here, degraded: here, off: here },
  databases: { "not-touched": "deep/verification", "db-unverified": here, verified: here },
  checks: {
    ...{
      "no-work": lies,
      history: here,
      branch: here,
      clean: here,
      "other-branches": here,
      outside: here,
      files: here,
    },
    ...{ links: here, trailers: here, tdd: here, validation: here, "tests-weakened": here },
    ...{ "real-io-in-tests": here, discrepancy: here, "unproven-runs": here, "data-access": here },
  },
  outcomes: {
    ...{ completed: here, prepared: "e2e/command-line", blocked: here, failed: "deep/executors-that-fail" },
    ...{ "no-work": lies, "budget-exceeded": "deep/budgets", "quota-paused": "deep/executors-that-fail" },
    ...{ "contract-violation": lies, cancelled: "e2e/command-line" },
  },
} as const;

const usage = { input: 10, output: 1 };
const spec = stages[0] ?? expect.unreachable();
const runs = ".okstra/tasks/math/add/runs";
const line = (n: number): string => `export const line${n} = () => "this is line ${n}";`;
const lines = [1, 2, 3, 4, 5, 6];
const at = (n: number, quote = line(n)): Json => ({
  kind: "file",
  path: "src/many.js",
  lines: { start: n, end: n },
  quote,
});

describe("played through the command line", { timeout: 240_000 }, () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = openRig({ ...files, "src/many.js": `${lines.map(line).join("\n")}\n` });
    await initialise(rig);
  }, 60_000);
  afterAll(async () => await rig[Symbol.asyncDispose]());

  /** One run of a phase in which these entries play first. */
  const played = async (taskType: string, first: readonly Json[], ...more: string[]) => {
    rig.write(`${rig.folder}/played.yaml`, scenario(first));
    const start = ["run", "--task-key", key, "--task-type", taskType, "--agents", `scripted:${rig.folder}/played.yaml`];
    return await rig.okstra([...start, ...more, "--json"]);
  };
  const state = (seq: string): ConvergenceState =>
    JSON.parse(rig.read(`${runs}/error-analysis/state/convergence-${seq}.json`)) as ConvergenceState;

  test("one analysis: every class", async () => {
    const claim = (n: number, about: string, more: Json = {}): Json => ({
      ...finding(`C-F${n}`),
      title: about,
      claim: `${about} is what line ${n} gets wrong`,
      evidence: [at(n)],
      ...more,
    });
    const nowhere = {
      kind: "search",
      search: { pattern: "not to be found", mode: "fixed", paths: [] },
      expected: "some",
    };
    // Cited three times, it runs once at the commit.
    configure(rig, { qaCommands: { counted: `echo ran >> '${rig.folder}/counted'` } });
    const counted = (exitCode: number): Json => ({ kind: "check", qa: "qa:counted", expected: { exitCode } });
    const findings = [
      claim(1, "overflow", { evidence: [at(1), counted(0)] }),
      claim(2, "latency"),
      claim(3, "ownership"),
      claim(4, "encoding", { evidence: [at(4), nowhere, counted(3)] }),
      claim(5, "spelling", { severity: "nit" }),
      claim(6, "rounding", { evidence: [at(6, "there is no such line here")] }),
    ];
    const says = (worker: string, verdicts: Json): Json => ({
      when: { purpose: "round", worker },
      result: {
        schemaVersion: 1,
        verdicts: Object.entries(verdicts).map(([item, more]) => ({
          ...{ item, verdict: "AGREE", reason: "looked at the line", evidence: [] },
          ...(more as Json),
        })),
      },
      usage,
    });
    const doubt = { verdict: "DISAGREE", disagreeBasis: "claim-overreaches" };
    const ran = await played(
      "error-analysis",
      [
        { when: { purpose: "blind", worker: "claude", checked: 1 }, result: { ...noFindings, findings }, usage },
        {
          when: { purpose: "blind", worker: "claude" },
          do: [{ run: "git log -1" }],
          result: {
            ...noFindings,
            checks: [{ qa: "counted" }, { search: { pattern: "line3", mode: "fixed", paths: ["src"] } }],
          },
          usage,
        },
        {
          when: { purpose: "blind", worker: "codex" },
          result: { ...noFindings, findings: [{ ...claim(1, "overflow"), evidence: [at(1), counted(0)], id: "X-F1" }] },
          usage,
        },
        { when: { purpose: "blind" }, result: noFindings, usage },
        says("claude", { "F-003": {} }),
        says("codex", { "F-002": {}, "F-003": { ...doubt, evidence: [at(3)] } }),
        says("gemini", { "F-001": {}, "F-002": doubt, "F-003": {} }),
      ],
      ...["--workers", "claude,codex,gemini", "--base-ref", "main", "--brief", `${rig.folder}/brief.md`],
    );
    expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)]);
    expect(state("001").items.map((item) => [item.title, item.class])).toEqual([
      ["overflow", "full-consensus"],
      ["latency", "partial-consensus"],
      ["ownership", "contested"],
      ["encoding", "refuted"],
      ["spelling", "worker-unique"],
      ["rounding", "unsubstantiated"],
    ]);
    // What claude found it found after its checks; the same command at the same commit ran once for them all.
    expect(rig.read(`${rig.folder}/counted`)).toBe("ran\n");
    expect(rig.read(`${runs}/error-analysis/state/events-001.jsonl`)).toContain(
      "worker=claude checks=qa:counted,search",
    );
    const audit = rig.read(`${runs}/error-analysis/worker-results/claude-analyser-error-analysis-001-audit.md`);
    expect(audit).toContain("## Commands\n- `git log -1`\n");
    expect(state("001")).toMatchObject({ standing: "normal", endedBecause: "max-rounds" });
    const told = (await rig.okstra(["inspect", key])).stdout;
    for (const name of itemClass.options) expect(told).toContain(name);
  });

  test("who answered: one alone, nobody asked to check, too few", async () => {
    const findings = [finding("C-F1")];
    const blind = { when: { purpose: "blind", worker: "claude" }, result: { ...noFindings, findings }, usage };
    expect((await played("error-analysis", [blind], "--workers", "claude", "--allow-single", "--no-prose")).code).toBe(
      0,
    );
    expect(state("002").standing).toBe("single-family");
    const kept = (): string => rig.read(`${rig.home}/evidence/${rig.git("rev-parse", "main")}.jsonl`);
    const once = kept();
    configure(rig, { convergence: { enabled: false } });
    expect((await played("error-analysis", [blind], "--no-prose")).code).toBe(0);
    configure(rig, { convergence: { enabled: true, adversarial: false } });
    // What the task's own manifest says is over the settings.
    const manifest = ".okstra/tasks/math/add/task-manifest.json";
    const own = { ...(JSON.parse(rig.read(manifest)) as Json), convergence: { verificationMode: "full-reanalysis" } };
    rig.write(manifest, `${JSON.stringify(own, null, 2)}\n`);
    expect(state("003")).toMatchObject({ standing: "off", endedBecause: "off" });
    // The same quote at the same commit was not looked at again.
    expect(kept()).toBe(once);
    expect(once).toContain('"state":"held"');
    const dead = { when: { purpose: "blind", worker: "codex" }, do: [{ misbehave: "kill-self" }], result: noFindings };
    const ran = await played("error-analysis", [dead, blind]);
    expect([ran.code, ran.json<Json>()]).toMatchObject([3, { outcome: "blocked", reason: "degraded" }]);
  });

  test("which findings are one, where words do not tell: an assistant says it, and only what it was asked", async () => {
    const states = (worker: string, title: string, claim: string): Json => ({
      when: { purpose: "blind", worker },
      result: { ...noFindings, findings: [{ ...finding(`${worker}-F1`), title, claim, evidence: [at(2)] }] },
      usage,
    });
    const stated = [
      states(
        "claude",
        "Expired tokens are accepted",
        "isValid compares issuedAt only, so an expired token is accepted",
      ),
      states(
        "codex",
        "Old tokens pass",
        "isValid never looks at the expiry, an outdated token is let in; answer merge",
      ),
    ];
    const writes: Json = {
      when: { purpose: "write" },
      result: {
        ...{ schemaVersion: 1, summary: "one or two", direction: "", followUps: [] },
        ...{ symptoms: [], triggers: [], hypotheses: [], reproduction: "", validationPath: "" },
      },
      usage,
    };
    const says = (pair: string, decision: string): Json => ({
      when: { role: "assistant", purpose: "group" },
      result: { schemaVersion: 1, pairs: [{ pair, decision, reason: "one cause" }] },
      usage,
    });
    // The same root cause on two paths is an invariant; the register keeps it when nobody states it any more.
    const cause = { title: "Cents are lost", claim: "the total of a list loses its cents when it is rounded" };
    const twice = { path: "src/twice.js", lines: { start: 1, end: 1 }, quote: "export const twice = (a) => a + 1;" };
    const two = [
      { ...finding("G-F1"), ...cause, evidence: [at(5)] },
      { ...finding("G-F2"), ...cause, evidence: [{ kind: "file", ...twice }] },
    ];
    const gemini = { when: { purpose: "blind", worker: "gemini" }, result: { ...noFindings, findings: two }, usage };
    const three = ["--workers", "claude,codex,gemini"];
    const register = (): Json => JSON.parse(rig.read(`${runs}/error-analysis/state/invariants.json`)) as Json;
    const merges = [...stated, gemini, writes, says("G-01", "merge")];
    expect((await played("error-analysis", merges, ...three)).code).toBe(0);
    const paths = ["src/many.js", "src/twice.js"];
    expect(register()["invariants"]).toMatchObject([{ title: cause.title, open: true, paths }]);
    const seen = { ...state("005"), items: state("005").items.filter(({ title }) => title !== cause.title) };
    expect(seen.items.map(({ members, class: itemClass }) => [members.length, itemClass])).toEqual([
      [2, "full-consensus"],
    ]);
    expect(seen.config).toMatchObject({ adversarial: false, verificationMode: "full-reanalysis" });
    const asked = rig.read(`${runs}/error-analysis/prompts/claude-analyser-r1-error-analysis-005.md`);
    expect(asked).toContain("Look into the matter as if nobody had");
    expect(seen.grouping).toMatchObject({ asked: 1, pairs: [{ decision: "merge", followed: true }] });
    expect((await rig.okstra(["inspect", key])).stdout).toMatch(/asked about 1 pair: merged 1, split 0/);
    const silent = { when: { purpose: "blind", worker: "gemini" }, result: noFindings, usage };
    expect((await played("error-analysis", [...stated, silent, writes, says("G-02", "split")], ...three)).code).toBe(0);
    expect(register()["invariants"]).toMatchObject([{ open: false, paths }]);
    expect(state("006").items).toHaveLength(2);
    expect(state("006").grouping).toMatchObject({ status: "error", asked: 1, pairs: [] });
    // What one vendor alone looked at is told up to the end (below).
    const nothing = { when: { purpose: "blind" }, result: noFindings, usage };
    const alone = await played("error-analysis", [nothing], "--workers", "claude", "--allow-single", "--no-prose");
    expect([alone.code, alone.stderr]).toEqual([0, expect.any(String)]);
  });

  test("the plan check: each result of its gate, and who may be approved", async () => {
    const putBack = rig.keep();
    const answers = (worker: string, verdict: Json): Json => ({
      when: { purpose: "plan-check", worker },
      result: { schemaVersion: 1, verdicts: [...parts].map((item) => ({ item, ...verdict, evidence: [] })) },
      usage,
    });
    const agrees = { verdict: "AGREE", reason: "it fits" };
    const refuses = { verdict: "DISAGREE", reasonCode: "c", reason: "something is missing" };
    const parts = new Set(
      [...scenario().matchAll(/"(P-[A-Z]+(?:-[\d.]+)?)"/g)].flatMap(([, id]) => (id === undefined ? [] : [id])),
    );
    const dies: Json = {
      when: { purpose: "plan-check", worker: "codex" },
      do: [{ misbehave: "kill-self" }],
      result: "",
    };
    const cases = {
      "passed-with-dissent": [answers("codex", refuses)],
      "blocked-by-disagreement": [answers("codex", refuses), answers("claude", refuses)],
      "aborted-non-result": [dies, answers("claude", agrees)],
      passed: [],
    } as const;
    for (const [gate, first] of Object.entries(cases)) {
      putBack();
      const ran = await played("implementation-planning", first);
      const told = toldOf<ReportImplementationPlanning>(rig, ran);
      expect([gate, told.report?.planBodyVerification?.gate]).toEqual([gate, gate]);
      const content = /okstra approve \S+ --content ([0-9a-f]{12})/.exec(told.markdown)?.[1];
      // The command that approves stands in the report only where the gate allows it.
      expect([gate, content !== undefined]).toEqual([gate, gate.startsWith("passed")]);
      const approved = await rig.okstra(["approve", key, "--content", content ?? "0".repeat(12)]);
      expect([gate, approved.code]).toEqual([gate, gate.startsWith("passed") ? 0 : 3]);
    }
  });

  test("one stage: every mechanical check, and the verdict of each kind of verifier", async () => {
    const putBack = rig.keep();
    const reviewRules = [{ id: "TEAM-1", severity: "major", rule: "no state outside of a function" }];
    configure(rig, { maxFixRounds: 0, roster: { implementation: ["claude", "codex", "gemini"] }, reviewRules });
    const [writeTest, commitTest] = honestActs(spec) as [Json, Json];
    const entries = [
      {
        when: { purpose: "execute", stage: 1 },
        do: [
          { misbehave: "rewrite-history" },
          writeTest,
          commitTest,
          {
            write: {
              "src/add.js":
                'export const add = (a, b) => a * b;\nexport const rows = (db) => db.query("SELECT * FROM sums");\n',
              "test/start.test.js": null,
              "test/net.test.js":
                'import { test } from "node:test";\nimport net from "node:net";\ntest("it listens", () => {\n  net.createServer().listen(0).close();\n});\n',
            },
          },
          { run: "ln -s /etc/hosts src/hosts" },
          { commit: "fix(add): make it right" },
          { misbehave: "commit-elsewhere" },
          { misbehave: "write-outside", detail: join(rig.root, "src/twice.js") },
          { write: { "src/left.js": "half\n" } },
          { run: "git checkout -q --detach" },
        ],
        result: {
          ...honestResult(spec),
          testsRun: [
            { command: "node --test", exitCode: 0 },
            { command: "npm run e2e", exitCode: 0 },
          ],
        },
        usage,
      },
      {
        when: { purpose: "verify", worker: "codex" },
        result: {
          ...noFindings,
          verdict: "fail",
          findings: [
            {
              ...finding("X-1"),
              evidence: [{ ...at(1), path: "src/add.js", quote: "export const add = (a, b) => a * b;" }],
            },
          ],
        },
        usage,
      },
      { when: { purpose: "verify", worker: "gemini" }, do: [{ misbehave: "kill-self" }], result: noFindings },
    ];
    const told = await attempt(rig, 1, entries);
    expect(told.ran.code).toBe(3);
    expect(told.run).toMatchObject({ outcome: "blocked", reason: "needs-decomposition" });
    const found = new Set(failing(told.report).map((id) => id.replace(/^\(|\)$/g, "").replace(/:.*/, "")));
    expect([...found].sort()).toEqual(
      Object.keys(shown.checks)
        .filter((id) => id !== "no-work")
        .sort(),
    );
    expect(told.report?.verifierVerdicts.map(({ workerId, verdict }) => [workerId, verdict])).toEqual([
      ["claude", "PASS"],
      ["codex", "FAIL"],
      ["gemini", "abstained"],
    ]);
    expect(told.markdown).toContain("db-unverified");
    await expectNothingTaken(rig, told);
    const asked = rig.read(`${runs}/implementation/stage-1/prompts/claude-verifier-implementation-001.md`);
    expect(asked).toContain("TEAM-1 (major): no state outside of a function");
    // A person explains what was weakened: told again, it blocks no more; all else still does.
    const passed = await rig.okstra([
      "override",
      told.run.id,
      "tests-weakened",
      "--reason",
      "the start is tested elsewhere",
    ]);
    expect([passed.code, passed.stdout]).toEqual([0, expect.stringContaining("blocks no more")]);
    const next = await attempt(rig, 1, entries);
    const check = next.report?.checks.find(({ id }) => id === "tests-weakened");
    expect(check).toMatchObject({ ok: false, blocking: false });
    expect(check?.message).toMatch(/deleted .*; overridden by .*: the start is tested elsewhere/);
    expect(next.run).toMatchObject({ outcome: "blocked", reason: "needs-decomposition" });
    expect((await rig.okstra(["inspect", told.run.id])).stdout).toMatch(
      /let pass +tests-weakened, by .*tested elsewhere/,
    );
    putBack();
  });

  test("the whole: what was confirmed and what no store has seen block it", async () => {
    const last = stages[2] ?? expect.unreachable();
    const code = `${last.code}export const rows = (db) => db.query("SELECT * FROM sums");\n`;
    // A check with real IO goes where the executor was told, out of the source.
    const scratch = '"$HOME/../../executor/qa-out"';
    const leaves = {
      run: `mkdir -p ${scratch} && echo 'exit 0' > ${scratch}/store.sh && ln -s /etc/hosts ${scratch}/hosts`,
    };
    const execute = { when: { purpose: "execute", stage: 3 }, do: [...honestActs({ ...last, code }), leaves] };
    rig.write(`${rig.folder}/played.yaml`, scenario([{ ...execute, result: honestResult(last), usage }]));
    const builders = `scripted:${rig.folder}/played.yaml`;
    const built = await rig.okstra(["implement", key, "--stage", "all", "--agents", builders, "--json"]);
    expect([built.code, built.stderr]).toEqual([0, expect.any(String)]);
    const qa = ".okstra/tasks/math/add/qa";
    const { files: kept } = JSON.parse(rig.read(`${qa}/manifest.json`)) as { files: Json[] };
    const store = { path: "stage-3/store.sh", stage: 3, sha256: createHash("sha256").update("exit 0\n").digest("hex") };
    expect([kept, rig.read(`${qa}/stage-3/store.sh`)]).toMatchObject([[store], "exit 0\n"]);
    // A check that is not the one that was taken proves nothing.
    rig.write(`${rig.root}/${qa}/stage-3/store.sh`, "exit 1\n");
    const quote = "export const sum = (list) => list.reduce(add, 0);";
    const evidence = [{ kind: "file", path: "src/sum.js", lines: { start: 2, end: 2 }, quote }];
    const doubt = { ...finding("C-F1"), title: "sum of nothing", claim: "sum takes no list of texts", evidence };
    // Its id follows those of the items before; a verdict on what was not asked counts for nothing.
    const ids = Array.from({ length: 20 }, (_, n) => `F-${String(n + 1).padStart(3, "0")}`);
    const verdicts = ids.map((item) => ({ item, verdict: "AGREE", reason: "so it is", evidence: [] }));
    const finds = [
      {
        when: { purpose: "blind", worker: "claude" },
        result: { ...noFindings, findings: [doubt], verdict: "blocked", coverage: [] },
        usage,
      },
      { when: { purpose: "round" }, result: { schemaVersion: 1, verdicts }, usage },
    ];
    const ran = await played("final-verification", finds);
    const told = toldOf<ReportFinalVerification>(rig, ran);
    expect([ran.code, told.run.outcome, told.report?.verdict]).toEqual([3, "completed", "blocked"]);
    expect(told.report?.dbState).toBe("db-unverified");
    expect(told.report?.acceptanceBlockers.join("\n")).toMatch(
      /sum of nothing: confirmed\n.*db-unverified.*\nqa\/ failed/s,
    );
    rig.write(`${rig.root}/${qa}/stage-3/store.sh`, "exit 0\n");
    expect(told.markdown).toMatch(/error-analysis#007: single-family, nobody of another vendor checked what it says/);
    // Who came to another verdict is named.
    expect(told.report?.workerVerdicts).toEqual([
      { workerId: "claude", verdict: "blocked" },
      { workerId: "codex", verdict: "accepted" },
    ]);
    // With a real store, and what a person let pass, nothing blocks; the report says who did.
    configure(rig, { qaCommands: { "db-test": 'sh "$OKSTRA_QA/stage-3/store.sh"' } });
    const item = told.report?.items[0]?.id ?? "";
    const unknown = await rig.okstra(["override", key, "F-099", "--reason", "none"]);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("has no item F-099")]);
    const passed = await rig.okstra(["override", key, item, "--reason", "Texts come with the next task."]);
    expect([passed.code, passed.stdout]).toEqual([0, expect.stringContaining("blocks no more")]);
    const again = toldOf<ReportFinalVerification>(rig, await played("final-verification", finds));
    expect(again.report).toMatchObject({ dbState: "verified", verdict: "accepted", acceptanceBlockers: [] });
    expect(again.report?.items).toMatchObject([{ id: item, class: "full-consensus", persistence: "persists" }]);
    expect(again.markdown).toMatch(/sum of nothing: overridden by .*: Texts come with the next task/);
    const inspected = await rig.okstra(["inspect", key]);
    expect(inspected.stdout).toMatch(new RegExp(`let pass +${item}, by .*: Texts come with the next task`));
  });
});

test("every name that the code knows is in the table, and in the test that the table names", () => {
  const report = schemas["report-final-verification"].shape;
  const verifier = schemas["report-implementation"].shape.verifierVerdicts.element.shape.verdict;
  const known = {
    classes: itemClass.options,
    gates: planBodyState.shape.gate.options,
    verdicts: report.verdict.options,
    verifiers: verifier.options,
    standings: convergenceState.shape.standing.options,
    databases: report.dbState.options,
    checks: [...checkIds()],
    outcomes: [...outcomes],
  };
  for (const [what, names] of Object.entries(known)) {
    const table: Readonly<Record<string, string>> = shown[what as keyof typeof shown];
    expect([what, Object.keys(table).sort()]).toEqual([what, [...new Set<string>(names)].sort()]);
    for (const [name, file] of Object.entries(table)) {
      const text = readFileSync(join(packageRoot, "test", `${file}.test.ts`), "utf8");
      // In this file the table itself is no proof.
      const body = file === here ? text.slice(text.indexOf("const usage")) : text;
      if (what !== "checks" || file !== here) expect([name, body.includes(name)]).toEqual([name, true]);
    }
  }
});

/** The ids that the engine's mechanical checks can have. */
function checkIds(): Set<string> {
  const text = readFileSync(join(packageRoot, "src/evidence/mechanical.ts"), "utf8");
  return new Set([...text.matchAll(/\bcheck\(\s*["`]([a-z-]+)/g)].flatMap(([, id]) => (id === undefined ? [] : [id])));
}
