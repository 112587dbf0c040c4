/** Budgets and quotas, played whole: what stops, what is kept, how it is said, and that a run goes on once there is more. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RunSummary } from "../../src/lifecycle/task.schema.ts";
import { readRun } from "../../src/model/index.ts";
import { configure } from "../rig/attempts.ts";
import {
  agents,
  files,
  finding,
  honestActs,
  honestResult,
  initialise,
  key,
  noFindings,
  scenario,
  stages,
  untilApproved,
} from "../rig/calculator.ts";
import { openRig, type Rig } from "../rig/rig.ts";
import { eventsOf } from "../rig/world.ts";

type Json = Record<string, unknown>;

let rig: Rig;
beforeEach(async () => {
  rig = openRig(files);
  await initialise(rig);
});
afterEach(() => rig[Symbol.asyncDispose]());

const analysis = `${key}@error-analysis#001`;
const analyse = (...more: string[]): readonly string[] => [
  ...["run", `${rig.folder}/brief.md`, "--task-key", key, "--task-type", "error-analysis", "--base-ref", "main"],
  ...["--agents", agents(rig), ...more],
];
const play = (...first: readonly Json[]): string => rig.write(`${rig.folder}/scenario.yaml`, scenario(first));
const found = { ...noFindings, findings: [finding("F-1")] };
const summaryOf = async (run: string): Promise<RunSummary> =>
  (await rig.okstra(["show", run, "--json"])).json<{ run: RunSummary }>().run;

/** How often each dispatch of the run was started. */
function startsOf(run: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type, data } of eventsOf(rig, readRun(run)))
    if (type === "dispatch.intended") counts[String(data["name"])] = (counts[String(data["name"])] ?? 0) + 1;
  return counts;
}

test("before: what does not fit is not started, and the remedy that is printed is enough", async () => {
  const ran = await rig.okstra(analyse("--budget-tokens", "400000"));
  expect([ran.code, ran.stdout]).toEqual([5, expect.stringContaining("budget-exceeded")]);
  const { outcome, failure } = await summaryOf(analysis);
  expect(outcome).toBe("budget-exceeded");
  expect(failure?.message).toMatch(
    /^(claude|codex)-analyser is projected at 300000 tokens \(the default of its role\), and 100000 tokens are left of the run's 400000 tokens: 0 tokens are used, 300000 tokens held by agents at work$/,
  );
  expect(failure?.remedy).toBe(
    `Give the run more, then it goes on: okstra resume '${analysis}' --budget-tokens 600000`,
  );
  expect(Object.values(startsOf(analysis))).toEqual([1]);
  // What the other found stays hidden from who is asked later.
  const results = readdirSync(join(rig.root, ".okstra/tasks/math/add/runs/error-analysis/worker-results"));
  expect(results.filter((name) => name.endsWith(".json"))).toEqual([]);
  const again = await rig.okstra(["resume", analysis, "--budget-tokens", "600000"]);
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("phase-7-record completed")]);
  const starts = startsOf(analysis);
  expect([starts["claude-analyser"], starts["codex-analyser"], starts["report-writer-report-writer"]]).toEqual([
    1, 1, 1,
  ]);
  expect((await rig.okstra(["validate", "run", analysis])).code).toBe(0);
});

test("during: an executor over its budget is stopped, its work kept, and the resumed run is asked anew", async () => {
  await untilApproved(rig);
  const spec = stages[0] ?? expect.unreachable();
  const [writeTest, commitTest, ...rest] = honestActs(spec) as [Json, Json, ...Json[]];
  const waste = { when: { purpose: "execute", stage: 1 }, result: honestResult(spec) };
  const hungry = [
    writeTest,
    commitTest,
    { write: { "src/half.js": "half\n" } },
    { used: { input: 3_000_000, output: 1 } },
    { misbehave: "speak-for-ever" },
  ];
  play({ ...waste, do: hungry });
  configure(rig, { budgets: { runTokens: 2_000_000 } });
  const ran = await rig.okstra(["implement", key, "--stage", "1", "--agents", agents(rig), "--json"]);
  expect(ran.code).toBe(5);
  const run = ran.json<{ runs: RunSummary[] }>().runs[0] ?? expect.unreachable();
  expect(run).toMatchObject({
    outcome: "budget-exceeded",
    reason: "budget-exceeded",
    usage: { totalTokens: 3_000_001 },
  });
  expect(run.failure?.message).toBe(
    "claude-executor was stopped because it used more than the 2000000 tokens that were left",
  );
  expect(run.failure?.remedy).toBe(
    `Its work is kept. Give the run more, then it goes on: okstra resume '${run.id}' --budget-tokens 6000002`,
  );
  const tree = run.worktree?.path ?? "";
  expect(rig.gitAt(tree, "log", "--format=%s", "-1")).toContain("test(add): it is wrong");
  expect(existsSync(join(tree, "src/half.js"))).toBe(true);
  expect(ran.stderr).toContain("claude-executor used 3000001 tokens, more than the 2000000 tokens that were left");
  expect(rig.leftRunning()).toEqual([]);
  // Where it stopped for a task or a day, the settings are raised; here the run's own limit.
  play({ ...waste, do: [writeTest, commitTest, ...rest] });
  const stopped = await rig.okstra(["resume", run.id, "--json"]);
  expect([stopped.code, stopped.json<RunSummary>().failure?.message]).toEqual([
    5,
    expect.stringContaining("is projected at"),
  ]);
  const again = await rig.okstra(["resume", run.id, "--budget-tokens", "9000000", "--json"]);
  expect([again.code, again.json<RunSummary>().verdict]).toEqual([0, "merged"]);
  const rescued = rig.git("for-each-ref", "--format=%(refname)", "refs/okstra/rescue");
  expect(rig.git("show", `${rescued.split("\n")[0]}:src/half.js`)).toBe("half");
  expect((await rig.okstra(["validate", "run", run.id])).code).toBe(0);
});

test("a task's limit counts earlier runs; status and --dry-run say what is left, and a rise in the settings is enough", async () => {
  expect((await rig.okstra(analyse())).code).toBe(0);
  expect((await rig.okstra(["answer", key, "C-001", "No."])).code).toBe(0);
  configure(rig, { budgets: { taskTokens: 4_000 } });
  const status = (await rig.okstra(["status", key, "--json"])).json<{ task: { gates: Json[] } }>();
  expect(status.task.gates.find(({ name }) => name === "budget")).toMatchObject({
    open: false,
    needs: [
      expect.stringMatching(/are left of the task's; set budgets.taskTokens to \d+ or more in .okstra\/project.json$/),
    ],
  });
  const plan = ["run", "--task-key", key, "--task-type", "implementation-planning", "--agents", agents(rig)];
  const dry = await rig.okstra([...plan, "--dry-run"]);
  expect(dry.stdout).toMatch(/budget +run \$20, 20000000 tokens; task \$100, 4000 tokens \(\d+ tokens used\); day /);
  expect(dry.stdout).toMatch(/expected +1100 tokens, no price known \(mean of its last \d\)/);
  const ran = await rig.okstra([...plan, "--json"]);
  const { failure, id } = ran.json<RunSummary>();
  expect([ran.code, failure?.remedy]).toEqual([
    5,
    expect.stringMatching(/^Set budgets.taskTokens to \d+ or more in .okstra\/project.json; then: okstra resume /),
  ]);
  configure(rig, { budgets: { taskTokens: 50_000 } });
  expect((await rig.okstra(["go", key])).stdout).toContain(id);
  expect(await summaryOf(id)).toMatchObject({ outcome: "completed" });
});

const limits = ["run", "task", "day"].flatMap((scope) => [`${scope}Tokens`, `${scope}Usd`]);
const prices = { scripted: { input: 1, output: 1 } };

/** What no limit but these stands for. */
const only = (given: Json): Json => ({ ...Object.fromEntries(limits.map((name) => [name, null])), ...given });

test("before, for each scope and unit: what does not fit is not started, and the message names the limit", async () => {
  const told: unknown[] = [];
  for (const [index, name] of limits.entries()) {
    configure(rig, { prices, budgets: only({ [name]: name.endsWith("Usd") ? 0.5 : 100_000 }) });
    const ran = await rig.okstra(index === 0 ? analyse("--json") : ["resume", analysis, "--json"]);
    const { failure } = ran.json<RunSummary>();
    told.push([
      ran.code,
      /are left of (the \w+'s (?:\$|\d)[^\s:]*)/.exec(failure?.message ?? "")?.[1],
      failure?.remedy,
    ]);
  }
  expect(told).toEqual([
    [5, "the run's 100000", expect.stringContaining("--budget-tokens 300000")],
    [5, "the run's $0.50", expect.stringContaining("--budget-usd 1.5")],
    [5, "the task's 100000", expect.stringContaining("budgets.taskTokens to 300000 or more")],
    [5, "the task's $0.50", expect.stringContaining("budgets.taskUsd to 1.5")],
    [5, "the day's 100000", expect.stringContaining("budgets.dayTokens to 300000 or more")],
    [5, "the day's $0.50", expect.stringContaining("budgets.dayUsd to 1.5")],
  ]);
  expect(startsOf(analysis)).toEqual({});
  configure(rig, { prices, budgets: only({}) });
  expect((await rig.okstra(["resume", analysis])).code).toBe(0);
});

test("during, for each scope and unit: who uses more than is left is stopped, and asked again once there is more", async () => {
  const told: unknown[] = [];
  let used = 0;
  for (const [index, name] of limits.entries()) {
    const tokens = 1_000_000 * 3 ** index;
    const gluttony = [{ used: { input: tokens, output: 0 } }, { misbehave: "speak-for-ever" }];
    play({ when: { purpose: "blind", worker: "claude" }, do: gluttony, result: found });
    const most = used + tokens - 10_000;
    configure(rig, { prices, budgets: only({ [name]: name.endsWith("Usd") ? most / 1e6 : most }) });
    const ran = await rig.okstra(index === 0 ? analyse("--json") : ["resume", analysis, "--json"]);
    const { outcome, failure, usage } = ran.json<RunSummary>();
    told.push([ran.code, outcome, /was stopped because it used more than the \$?[\d.]+/.test(failure?.message ?? "")]);
    used = usage.totalTokens;
  }
  expect(told).toEqual(limits.map(() => [5, "budget-exceeded", true]));
  expect(startsOf(analysis)).toMatchObject({ "claude-analyser": limits.length, "codex-analyser": 1 });
  expect(rig.leftRunning()).toEqual([]);
  play({ when: { purpose: "blind", worker: "claude" }, result: found });
  configure(rig, { prices, budgets: only({}) });
  expect((await rig.okstra(["resume", analysis])).code).toBe(0);
  expect((await rig.okstra(["validate", "run", analysis])).code).toBe(0);
});

test("the critic has its budget too: not started where it does not fit, stopped where it goes over", async () => {
  const answer = (input: number) => ({ result: found, usage: { input, output: 0 } });
  const critic = { when: { role: "critic" }, result: noFindings, usage: { input: 10, output: 1 } };
  const analyser = { when: { purpose: "blind", role: "analyser" }, ...answer(250_000) };
  play(critic, analyser);
  const before = await rig.okstra(analyse("--critic", "gemini", "--budget-tokens", "650000", "--json"));
  expect([before.code, before.json<RunSummary>().failure?.message]).toEqual([
    5,
    expect.stringMatching(
      /^gemini-critic is projected at 200000 tokens \(the default of its role\), and 150000 tokens/,
    ),
  ]);
  const gluttony = [{ used: { input: 5_000_000, output: 0 } }, { misbehave: "speak-for-ever" }];
  play({ ...critic, do: gluttony }, analyser);
  const during = await rig.okstra(["resume", analysis, "--budget-tokens", "900000", "--json"]);
  expect([during.code, during.json<RunSummary>().failure?.message]).toEqual([
    5,
    "gemini-critic was stopped because it used more than the 400000 tokens that were left",
  ]);
  play(critic, analyser);
  const again = await rig.okstra(["resume", analysis, "--budget-tokens", "20000000", "--json"]);
  expect([again.code, again.json<RunSummary>().outcome]).toEqual([0, "completed"]);
  expect(startsOf(analysis)).toMatchObject({ "claude-analyser": 1, "codex-analyser": 1, "gemini-critic": 2 });
});

test("a quota pauses the run with the time that the provider gave; resumed, only who was kept from it is asked", async () => {
  const resetAt = "2026-11-22T05:00:00Z";
  play(
    { when: { purpose: "blind", worker: "codex" }, do: [{ misbehave: "quota", detail: resetAt }] },
    {
      when: { purpose: "blind", worker: "claude" },
      result: found,
    },
  );
  const ran = await rig.okstra(analyse("--json"));
  const { outcome, failure } = ran.json<RunSummary>();
  expect([ran.code, outcome, failure?.message]).toEqual([
    5,
    "quota-paused",
    expect.stringContaining(`again at ${resetAt}`),
  ]);
  expect(failure?.remedy).toBe(`Once it is, go on with okstra resume '${analysis}'`);
  play({ when: { purpose: "blind" }, result: found });
  const again = await rig.okstra(["resume", analysis, "--json"]);
  expect([again.code, again.json<RunSummary>().outcome]).toEqual([0, "completed"]);
  expect(startsOf(analysis)).toMatchObject({ "claude-analyser": 1, "codex-analyser": 2 });
  expect((await rig.okstra(["validate", "run", analysis])).code).toBe(0);
});

test("an agent of the same family takes over where the settings say so, under the worker's name; one of another does not", async () => {
  const out = { when: { purpose: "blind", worker: "codex", attempt: 1 }, do: [{ misbehave: "quota" }] };
  const answers = { when: { purpose: "blind" }, result: found, usage: { input: 10, output: 1 } };
  const scripts = JSON.parse(scenario([out, answers])) as { families: Json };
  scripts.families = { ...scripts.families, "acp:second": "openai", "acp:stranger": "mistral" };
  rig.write(`${rig.folder}/scenario.yaml`, JSON.stringify(scripts));
  configure(rig, { agents: { codex: { takeover: "acp:stranger" } } });
  const paused = await rig.okstra(analyse("--json"));
  expect([paused.code, paused.stderr]).toEqual([
    5,
    expect.stringContaining("nobody to take over: acp:stranger is of the family mistral"),
  ]);
  configure(rig, { agents: { codex: { takeover: "acp:second" } } });
  const ran = await rig.okstra(["resume", analysis, "--json"]);
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining("acp:second answers in its place")]);
  expect(startsOf(analysis)).toMatchObject({ "claude-analyser": 1, "codex-analyser": 2, "codex-analyser-a3": 1 });
  const runs = ".okstra/tasks/math/add/runs/error-analysis";
  const report = rig.read(`${runs}/reports/final-report-error-analysis-001.md`);
  expect(report).toContain("codex's quota was used up; acp:second answered in its place");
  expect((await rig.okstra(["validate", "run", analysis])).code).toBe(0);
});

test("both out of quota: paused, and both are asked again", async () => {
  configure(rig, { agents: { codex: { takeover: "acp:second" } } });
  const resetAt = "2031-01-01T00:00:00Z";
  const entries = (doing: Json) =>
    JSON.parse(scenario([{ when: { purpose: "blind", worker: "codex" }, ...doing }])) as { families: Json };
  const write = (scripts: { families: Json }) => {
    scripts.families = { ...scripts.families, "acp:second": "openai" };
    rig.write(`${rig.folder}/scenario.yaml`, JSON.stringify(scripts));
  };
  write(entries({ do: [{ misbehave: "quota", detail: resetAt }] }));
  const ran = await rig.okstra(analyse("--json"));
  expect([ran.code, ran.json<RunSummary>().failure?.message]).toEqual([5, expect.stringContaining(resetAt)]);
  write(entries({ result: found, usage: { input: 10, output: 1 } }));
  expect((await rig.okstra(["resume", analysis, "--json"])).code).toBe(0);
  expect(startsOf(analysis)).toMatchObject({ "codex-analyser": 2, "codex-analyser-a3": 1 });
});

test("where the settings say to wait, the command waits for the provider's time and goes on by itself", {
  timeout: 180_000,
}, async () => {
  configure(rig, { quota: { waitHours: 1 } });
  const resetAt = new Date(Date.now() + 15_000).toISOString();
  play({ when: { purpose: "blind", worker: "codex" }, do: [{ misbehave: "quota", detail: resetAt }] });
  const { child, done } = rig.launch(analyse("--json"));
  let seen = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    const waits = seen.includes("waits for a quota");
    seen += chunk.toString();
    // There is some again by the time it looks.
    if (!waits && seen.includes("waits for a quota")) play({ when: { purpose: "blind" }, result: found });
  });
  const ran = await done;
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining("waits for a quota until")]);
  expect(ran.json<RunSummary>().outcome).toBe("completed");
  expect(startsOf(analysis)).toMatchObject({ "claude-analyser": 1, "codex-analyser": 2 });
});

test("budgets in USD alone bind nothing that has no price: refused, and a price makes it right", async () => {
  const noTokens = { runTokens: null, taskTokens: null, dayTokens: null };
  configure(rig, { budgets: noTokens });
  const ran = await rig.okstra(analyse("--json"));
  expect([ran.code, ran.json<RunSummary>().failure?.message]).toEqual([
    5,
    expect.stringMatching(/works with scripted, which has no price, and the budgets are in USD alone/),
  ]);
  configure(rig, { budgets: noTokens, prices: { scripted: { input: 1_000, output: 10_000 } } });
  const again = await rig.okstra(["resume", analysis, "--json"]);
  const summary = again.json<RunSummary>();
  // 1000 tokens in and 100 out, each time, at $1 and $1.
  expect([again.code, summary.usage.costUsd]).toEqual([0, (summary.usage.totalTokens / 1_100) * 2]);
});
