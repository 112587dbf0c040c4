/**
 * What `okstra demo` plays, without the engine: the sample project is faulty in the way its brief says, the scenario's agents say
 * only what fits, cite what stands there, name the items that the engine will give them, and mend the fault test-first.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { type Address, dispatch, driverFor, type Entry, type Scenario } from "../../src/agents/index.ts";
import type { CheckedEvidence, ConvergenceState, KnownItem } from "../../src/convergence/convergence.schema.ts";
import {
  closeRound,
  groupFindings,
  nextRound,
  openConvergence,
  planBodyGate,
  planItems,
  recognise,
  remember,
  verificationVerdict,
} from "../../src/convergence/index.ts";
import { changeRisks, checkEvidence, mechanicalChecks, runCommand, tddEvidence } from "../../src/evidence/index.ts";
import {
  checkExecutorResult,
  checkPlanCheckResult,
  checkRoundResult,
  checkWorkerResult,
} from "../../src/generated/finding.check.js";
import {
  checkAnalysisProse,
  checkHandoffProse,
  checkImplementationProse,
  checkPlanningProse,
  checkVerificationProse,
} from "../../src/generated/report.check.js";
import { checkScenario } from "../../src/generated/scenario.check.js";
import type { Repository } from "../../src/host/index.ts";
import { profiles } from "../../src/lifecycle/index.ts";
import type {
  Evidence,
  ExecutorResult,
  PlanCheckResult,
  RoundResult,
  WorkerResult,
} from "../../src/model/finding.schema.ts";
import { type Check, explain, type TaskType, take } from "../../src/model/index.ts";
import type { CommandRun, PlanningProse } from "../../src/report/report.schema.ts";
import { dataAccessDefaults, detectQaCommands } from "../../src/settings/index.ts";
import { checkStageMap } from "../../src/stages/index.ts";
import type { Stage } from "../../src/stages/stage-map.schema.ts";
import { addTree, fillTree, integrate } from "../../src/worktrees/index.ts";
import { defaultAddress, nothingLeft, patient } from "../dispatch.ts";
import { type TestRepository, testRepository } from "../repository.ts";

const demo = fileURLToPath(new URL("../../demo/", import.meta.url));
const scenarioPath = join(demo, "scenario.yaml");
const scenario = parseYaml(readFileSync(scenarioPath, "utf8")) as Scenario;
const settings = JSON.parse(readFileSync(join(demo, "demo.json"), "utf8")) as { place: Record<string, string> };
const analysers = ["claude", "codex"];

type Result = { readonly findings: WorkerResult["findings"] } & RoundResult & PlanCheckResult & PlanningProse;

/** The entry of an address; every address has exactly one that is meant for it. */
function entryOf(when: { taskType: TaskType; purpose: string; worker: string; round?: number; stage?: number }): Entry {
  const [found, more] = scenario.entries.filter((entry) =>
    Object.entries(when).every(([key, value]) => {
      const wanted = (entry.when as Record<string, unknown>)[key];
      return Array.isArray(wanted) ? wanted.includes(value) : wanted === value;
    }),
  );
  if (found === undefined || more !== undefined) throw new Error(`not one entry for ${JSON.stringify(when)}`);
  return found;
}

const resultOf = (when: Parameters<typeof entryOf>[0]): Result => entryOf(when).result as unknown as Result;
const plan = resultOf({ taskType: "implementation-planning", purpose: "write", worker: "report-writer" }).plan;

test("the scenario fits its schema", () => {
  expect(checkScenario(scenario), explain(checkScenario.errors ?? []).join("\n")).toBe(true);
});

const checks: Readonly<Record<string, Check<unknown>>> = {
  blind: checkWorkerResult,
  verify: checkWorkerResult,
  round: checkRoundResult,
  "plan-check": checkPlanCheckResult,
  execute: checkExecutorResult,
  "error-analysis": checkAnalysisProse,
  "implementation-planning": checkPlanningProse,
  implementation: checkImplementationProse,
  "final-verification": checkVerificationProse,
  "release-handoff": checkHandoffProse,
};

test.each(scenario.entries.map((entry): [string, Entry] => [JSON.stringify(entry.when), entry]))(
  "the result fits: %s",
  (_name, { when, result, usage }) => {
    const kind = when.purpose === "write" ? when.taskType : when.purpose;
    const check = typeof kind === "string" ? checks[kind] : undefined;
    expect(check?.(result), explain(check?.errors ?? []).join("\n")).toBe(true);
    expect(usage?.output).toBeGreaterThan(0);
  },
);

test("the plan keeps the rules, and all its parts are judged and pass", () => {
  expect(checkStageMap(plan.stageMap)).toEqual([]);
  expect(plan.stageMap.stages.map((stage) => stage.dependsOn)).toEqual([[], [], [1, 2]]);
  const parts = planItems(plan);
  const replies = analysers.map((worker) => {
    const { verdicts } = resultOf({ taskType: "implementation-planning", purpose: "plan-check", worker });
    expect(verdicts.map((verdict) => verdict.item)).toEqual(parts.map((part) => part.id));
    return {
      worker,
      family: scenario.families[worker] ?? "",
      status: "completed",
      verdicts: verdicts.map((verdict) => ({ ...verdict, evidence: [] })),
    };
  });
  expect(planBodyGate(parts, replies).gate).toBe("passed");
});

type Sample = TestRepository & { readonly project: string; readonly place: Repository; readonly base: string };

/** The sample project as the demo makes it: what git knows on main, and what it ignores beside that. */
function sample(): Sample {
  const repo = testRepository();
  const project = join(repo.folder, "paper shop");
  mkdirSync(project);
  for (const [from, to] of Object.entries(settings.place))
    cpSync(join(demo, from), join(project, to), { recursive: true });
  repo.git(project, "init", "--quiet", "-b", "main");
  repo.git(project, "add", "--all");
  repo.git(project, "commit", "--quiet", "-m", "Invoices of the paper shop");
  const place = { mainRoot: project, root: project, commonDir: join(project, ".git"), linked: false };
  return { ...repo, project, place, base: repo.git(project, "rev-parse", "HEAD") };
}

const provision = { syncDirs: ["node_modules"], copyFiles: [".env"], cloneDirs: [], setup: [] };

/** A worktree as okstra makes it. */
async function tree(of: Sample, name: string, commit: string, branch: string | null = null): Promise<string> {
  const path = join(of.folder, name);
  take(await addTree(of.host, of.home, { repository: of.place, path, branch, commit, newBranch: branch !== null }));
  const logPath = join(of.folder, `${name}.log`);
  take(await fillTree(of.host, { repository: of.place, path, provision, env: {}, logPath }));
  return path;
}

const ran = async (of: Sample, cwd: string, command: string): Promise<CommandRun> =>
  take(
    await runCommand(of.host, {
      name: "test",
      command,
      cwd,
      commit: of.git(cwd, "rev-parse", "HEAD"),
      env: { PATH: process.env["PATH"] ?? "" },
      timeoutMs: 20_000,
      logPath: join(of.folder, "command.log"),
    }),
  );

/** What the program prints for the order of the brief: the figures by their label. */
function figures(of: Sample, cwd: string): Record<string, string> {
  const row = /^\| (?<text>[^|]+) \| (?<quantity>\d+) \| (?<price>[\d.]+) \| (?<vat>\d+) % \|$/gm;
  const lines = [...brief.matchAll(row)].map(({ groups }) => ({
    text: groups?.["text"],
    quantity: Number(groups?.["quantity"]),
    price: groups?.["price"],
    vat: Number(groups?.["vat"]),
  }));
  const order = join(of.folder, "order.json");
  const head = { number: "2024-0131", date: "2024-05-06", customer: "Ilse Moreau", discountPercent: 10 };
  writeFileSync(order, JSON.stringify({ ...head, lines }));
  const printed = execFileSync("node", ["src/main.js", order], { cwd, encoding: "utf8" });
  const found = printed.matchAll(/^(?<label>Goods|Discount 10 %|Net|VAT \d+ %|Total) .*?(?<amount>[\d.]+)$/gm);
  return Object.fromEntries([...found].map(({ groups }) => [groups?.["label"], groups?.["amount"]]));
}

const brief = readFileSync(join(demo, "brief.md"), "utf8");
/** The brief's table of figures: label, printed, expected. */
const told = [...brief.matchAll(/^\| (?<label>[^|]+) \| (?<printed>[\d.]+) \| (?<expected>[\d.]+) \|$/gm)];
const toldAs = (column: "printed" | "expected"): Record<string, string> =>
  Object.fromEntries(told.map(({ groups }) => [groups?.["label"], groups?.[column]]));

test("the sample needs what git ignores, its checks pass, and it prints what the brief complains of", async () => {
  using of = sample();
  expect(of.git(of.project, "status", "--porcelain")).toBe("");
  const bare = join(of.folder, "bare");
  of.git(of.project, "worktree", "add", "--quiet", "--detach", bare);
  expect((await ran(of, bare, "npm run test")).outcome).toBe("failed");
  const full = await tree(of, "full", of.base);
  const qa = detectQaCommands({ "package.json": readFileSync(join(full, "package.json"), "utf8") });
  expect(Object.keys(qa).sort()).toEqual(["lint", "test"]);
  for (const command of Object.values(qa)) expect((await ran(of, full, command)).outcome, command).toBe("passed");
  expect(of.git(full, "status", "--porcelain")).toBe("");
  expect(told).toHaveLength(6);
  expect(figures(of, full)).toEqual(toldAs("printed"));
});

/** Evidence as the engine checks it at a commit, the brief being the only document. */
async function checked(of: Sample, cwd: string, evidence: readonly Evidence[]): Promise<CheckedEvidence[]> {
  const instructionSet = join(of.folder, "instruction-set");
  of.write(join(instructionSet, "brief.md"), brief);
  const commit = of.git(cwd, "rev-parse", "HEAD");
  const qaCommands = { test: "npm run test" };
  const runQa = (_name: string, command: string) => ran(of, cwd, command);
  return take(await checkEvidence(of.host, { repository: cwd, commit, instructionSet, qaCommands, runQa }, evidence));
}

/** The findings of both, grouped, and rounds until none is due; fails unless each round names just what it is asked about. */
async function converged(
  of: Sample,
  cwd: string,
  taskType: TaskType,
  known: readonly KnownItem[] = [],
): Promise<ConvergenceState> {
  const stated = [];
  for (const worker of analysers) {
    for (const finding of resultOf({ taskType, purpose: "blind", worker }).findings) {
      const family = scenario.families[worker] ?? "";
      stated.push({ worker, family, finding, evidence: await checked(of, cwd, finding.evidence) });
    }
  }
  const { on, maxRounds, adversarial } = profiles[taskType].convergence;
  const config = {
    enabled: on,
    maxRounds,
    adversarial,
    verificationMode: "lightweight",
    severityFloor: "minor",
  } as const;
  const roster = analysers.map((worker) => ({
    worker,
    family: scenario.families[worker] ?? "",
    status: "completed",
    reason: null,
  }));
  const { items } = recognise(known, { taskType, answered: analysers, items: groupFindings(stated) });
  let state = openConvergence(config, roster, items);
  for (let due = nextRound(state); due !== undefined; due = nextRound(state)) {
    const replies = [];
    for (const [worker, asked] of Object.entries(due.asked)) {
      const { verdicts } = resultOf({ taskType, purpose: "round", round: due.round, worker });
      expect(verdicts.map((verdict) => verdict.item)).toEqual(asked);
      const heard = [];
      for (const verdict of verdicts) heard.push({ ...verdict, evidence: await checked(of, cwd, verdict.evidence) });
      replies.push({ worker, family: scenario.families[worker] ?? "", status: "completed", verdicts: heard });
    }
    state = closeRound(state, due, replies);
  }
  return state;
}

/** Who said it, and the states of all evidence, by item. */
const shown = (state: ConvergenceState): unknown =>
  state.items.map((item) => [
    item.id,
    item.place?.path,
    item.members.map((member) => `${member.worker} ${member.evidence.map((piece) => piece.state).join(" ")}`),
    item.verdicts.map((verdict) => `${verdict.worker} ${verdict.evidence.map((piece) => piece.state).join(" ")}`),
    item.class,
  ]);

test("error analysis: one fault found by both, a false quote refuted, a dispute settled in the second round", async () => {
  using of = sample();
  const state = await converged(of, of.project, "error-analysis");
  expect(shown(state)).toEqual([
    ["F-001", "src/discount.js", ["claude held held", "codex held held"], [], "full-consensus"],
    ["F-002", "src/invoice.js", ["codex held"], ["claude held"], "full-consensus"],
    ["F-003", "src/order.js", ["codex refuted"], [], "unsubstantiated"],
    ["F-004", "src/vat.js", ["claude held"], ["codex held"], "full-consensus"],
    ["F-005", "test/discount.test.js", ["claude held held"], ["claude held", "codex held"], "full-consensus"],
  ]);
  expect(state).toMatchObject({ endedBecause: "queue-empty", standing: "normal", skippedWorkers: [] });
  expect(state.rounds.map((round) => round.asked)).toEqual([
    { claude: ["F-002"], codex: ["F-004", "F-005"] },
    { claude: ["F-005"], codex: ["F-005"] },
  ]);
  const prose = entryOf({ taskType: "error-analysis", purpose: "write", worker: "report-writer" }).result;
  if (!checkAnalysisProse(prose)) throw new Error("no analysis");
  const known = state.items.map((item) => item.id);
  expect(known).toEqual(expect.arrayContaining(prose.hypotheses.flatMap((one) => one.items)));
  const questions = analysers.map((worker) => {
    const { result } = entryOf({ taskType: "error-analysis", purpose: "blind", worker });
    return checkWorkerResult(result) ? result.questions.map((question) => question.blocks) : [];
  });
  expect(questions).toEqual([["next-phase"], []]);
});

test("planning: what each found is confirmed by the other, and the evidence of the plan check holds", async () => {
  using of = sample();
  const { items } = await converged(of, of.project, "error-analysis");
  const known = remember([], { run: "the analysis", taskType: "error-analysis", answered: analysers, items });
  const state = await converged(of, of.project, "implementation-planning", known);
  expect(shown(state)).toEqual([
    ["F-006", "README.md", ["claude held"], ["codex held"], "full-consensus"],
    ["F-007", "src/check-code.js", ["codex held"], ["claude held"], "full-consensus"],
  ]);
  for (const worker of analysers) {
    for (const verdict of resultOf({ taskType: "implementation-planning", purpose: "plan-check", worker }).verdicts)
      for (const piece of await checked(of, of.project, verdict.evidence)) expect(piece.state).toBe("held");
  }
});

/** The executor's play of a stage by the real program; what it says. */
async function executed(of: Sample, cwd: string, stage: number): Promise<ExecutorResult> {
  const mark = `demo-${of.host.random.id(8)}`;
  const own = join(of.folder, mark);
  const address: Omit<Address, "reask"> = {
    ...defaultAddress,
    role: "executor",
    purpose: "execute",
    taskType: "implementation",
    stage,
  };
  const outcome = take(
    await dispatch<ExecutorResult>(of.host, {
      driver: take(driverFor("scripted")),
      config: { scenario: scenarioPath },
      address,
      mark,
      prompt: `Build stage ${stage}.`,
      cwd,
      access: "workspace-write",
      model: null,
      family: "anthropic",
      home: join(own, "home"),
      temporaryFolder: join(own, "tmp"),
      scratch: join(own, "scratch"),
      logPath: join(own, "log"),
      clocks: patient,
      check: (value) =>
        checkExecutorResult(value)
          ? { ok: true, value }
          : { ok: false, problems: explain(checkExecutorResult.errors ?? []) },
      askAgain: (problems) => problems.join("; "),
    }),
  );
  await nothingLeft(of, mark);
  if (outcome.value === null) throw new Error(`${outcome.message} ${outcome.stderrTail}`);
  return outcome.value;
}

/** Plays a stage in a worktree of its own and looks at it as the engine does; its branch's head. */
async function built(of: Sample, stage: Stage, base: string): Promise<string> {
  const n = stage.stageNumber;
  const branch = `fix-discount-cents-s${n}`;
  const cwd = await tree(of, `stage-${n}`, base, branch);
  const claim = await executed(of, cwd, n);
  const head = of.git(cwd, "rev-parse", "HEAD");
  const logs: string[] = [];
  const runAt = async (commit: string, command: string): Promise<CommandRun> => {
    of.git(cwd, "checkout", "--quiet", "--detach", commit);
    try {
      const run = await ran(of, cwd, command);
      logs.push(of.read(run.log) ?? "");
      return run;
    } finally {
      of.git(cwd, "checkout", "--quiet", branch);
    }
  };
  const commits = await of.host.git.commits(cwd, base, head);
  const tdd = take(await tddEvidence(of.host, { repository: cwd, commits, stage, exemptions: [], runAt }));
  expect(tdd.map(({ step, redExit, greenExit, holds }) => ({ step, redExit, greenExit, holds }))).toEqual([
    { step: `${n}.1, ${n}.2`, redExit: 1, greenExit: 0, holds: true },
  ]);
  // It fails for the reason that the plan gives, not for any.
  const numbers = stage.steps[0]?.expected?.match(/\d+/g) ?? [];
  expect(numbers).toHaveLength(2);
  for (const number of numbers) expect(logs[0]).toMatch(new RegExp(`\\b${number}\\b`));
  const validation: CommandRun[] = [];
  for (const command of stage.validation.post) validation.push(await ran(of, cwd, command));
  const { checks: found } = take(
    await mechanicalChecks(of.host, {
      tree: cwd,
      branch,
      base,
      head,
      stage,
      others: new Map(),
      claims: [claim],
      validation,
      tdd,
      dataAccessPatterns: dataAccessDefaults,
    }),
  );
  expect(found.filter((check) => !check.ok)).toEqual([]);
  await verified(of, cwd, n);
  return head;
}

/** Verifiers pass the stage, and what they cite stands at its head. */
async function verified(of: Sample, cwd: string, stage: number): Promise<void> {
  for (const worker of analysers) {
    const { result } = entryOf({ taskType: "implementation", purpose: "verify", worker, stage });
    if (!checkWorkerResult(result)) throw new Error("no result");
    expect(result.verdict).toBe("pass");
    for (const piece of await checked(
      of,
      cwd,
      result.findings.flatMap((finding) => finding.evidence),
    ))
      expect(piece.state, JSON.stringify(piece)).toBe("held");
  }
}

test("the stages are built test-first and mend the fault; final verification accepts the merged work", async () => {
  using of = sample();
  const taskTree = await tree(of, "task", of.base, "fix-discount-cents");
  const stages = plan.stageMap.stages;
  for (const together of [stages.slice(0, 2), stages.slice(2)]) {
    const base = of.git(taskTree, "rev-parse", "HEAD");
    for (const stage of together) {
      const stageHead = await built(of, stage, base);
      const taskHead = of.git(taskTree, "rev-parse", "HEAD");
      const message = `Merge stage ${stage.stageNumber}: ${stage.title}`;
      const ask = { repository: of.place, taskTree, taskHead, stageHead, message, runTrailer: "demo" };
      expect(take(await integrate(of.host, { ...ask, branch: "fix-discount-cents" })).state).toBe("merged");
    }
    expect((await ran(of, taskTree, "node --test")).outcome).toBe("passed");
  }
  expect(figures(of, taskTree)).toEqual(toldAs("expected"));

  const head = of.git(taskTree, "rev-parse", "HEAD");
  const risks = { repository: taskTree, base: of.base, head, dataAccessPatterns: dataAccessDefaults };
  expect(take(await changeRisks(of.host, risks))).toEqual({ weakened: [], dataTouched: [] });
  const commands = [];
  for (const command of new Set(plan.validationChecklist.post))
    commands.push({ ...(await ran(of, taskTree, command)), name: command });
  const state = await converged(of, taskTree, "final-verification");
  expect(shown(state)).toEqual([["F-001", "src/vat.js", ["claude held held"], [], "worker-unique"]]);
  const coverage = analysers.flatMap((worker) => {
    const { result } = entryOf({ taskType: "final-verification", purpose: "blind", worker });
    if (!checkWorkerResult(result) || result.verdict !== "accepted") throw new Error(`${worker} does not accept`);
    return result.coverage ?? [];
  });
  const requirements = plan.requirements.map((requirement) => requirement.id);
  const facts = { items: state.items, requirements, coverage, commands, verifiedCommit: head };
  const rest = { dbState: "not-touched", testsWeakened: [], degraded: false } as const;
  expect(verificationVerdict({ ...facts, ...rest })).toEqual({ verdict: "accepted", blockers: [], risks: [] });
}, 60_000);

test("edits can be played again after a kill: none makes room for itself a second time", () => {
  const edits = scenario.entries.flatMap((entry) =>
    (entry.do ?? []).flatMap((act) => ("replace" in act ? [act.replace] : [])),
  );
  expect(edits.length).toBeGreaterThan(0);
  for (const { old, new: made } of edits) expect(made).not.toContain(old);
});
