import { appendFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planning } from "../../test/fixtures/report/index.ts";
import { done, intended, manifest, noUsage, run, sha, summaryOf, taskOf } from "../../test/fixtures/run.ts";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import { worldOf } from "../../test/world-of.ts";
import { projectPaths, runPaths, taskPaths } from "../lifecycle/index.ts";
import { type EventData, printRun, type RunEvent, take } from "../model/index.ts";
import {
  createJournal,
  openHome,
  saveApprovalHead,
  updateCatalog,
  writeClarification,
  writeFixCycle,
  writeRunManifest,
  writeTaskManifest,
} from "../registry/index.ts";
import { renderHtml } from "../report/index.ts";
import { doctor, validateReport, validateRun } from "./index.ts";

type Made = {
  workers?: string[];
  events?: RunEvent[];
  outcome?: EventData["run.ended"]["outcome"] | null;
  artifacts?: Record<string, string>;
};

/** A planning run that one worker answered, ended with its report as artifact. */
async function made(rig: TestRepository, of: Made = {}) {
  const place = { host: rig.host, home: rig.home, projectRoot: rig.root, key: run.key };
  const paths = runPaths(rig.root, run);
  const { folder } = taskPaths(rig.root, run.key);
  take(await openHome(rig.host, rig.home));
  take(await writeRunManifest(rig.host, place, run, manifest(of.workers ?? ["claude"])));
  const journal = take(
    await createJournal(rig.host, place, run, {
      type: "run.prepared",
      data: { run: printRun(run), invocation: {}, manifestSha256: sha("m") },
    }),
  );
  const result = paths.result({ worker: "claude", role: "analyser", attempt: 1 });
  rig.write(result, "{}\n");
  for (const event of of.events ?? [intended("claude"), done("claude", { sha256: sha("{}\n") })])
    take(await journal.append(event));
  const artifacts = {
    [paths.reportData]: "data",
    [paths.reportMarkdown]: "markdown",
    [paths.reportHtml]: "html",
    ...of.artifacts,
  };
  for (const [path, text] of Object.entries(artifacts)) rig.write(path, text);
  if (of.outcome !== null) {
    const list = Object.entries(artifacts).map(([path, text]) => ({
      path: path.slice(folder.length + 1),
      sha256: sha(text),
    }));
    take(
      await journal.append({
        type: "run.ended",
        data: { outcome: of.outcome ?? "completed", reason: null, verdict: null, message: "", artifacts: list },
      }),
    );
  }
  take(await journal.saveHead({ ended: of.outcome !== null }));
  const look = async () => {
    const list = take(await validateRun(rig.host, { home: rig.home, projectRoot: rig.root, run }));
    return {
      ok: list.ok,
      failing: list.checks
        .filter((check) => !check.ok)
        .map(({ id, where }) => `${id} ${where.slice(folder.length + 1)}`),
      checks: list.checks,
    };
  };
  return { paths, folder, result, look, journal };
}

test("a run whose files are as its journal says", async () => {
  using rig = testRepository();
  const { look } = await made(rig);
  const { ok, failing, checks } = await look();
  expect([ok, failing]).toEqual([true, []]);
  expect(checks.map(({ id }) => id)).toEqual([
    "journal",
    "manifest",
    "ended",
    "worker:claude-analyser",
    "roster",
    "read-only",
    "artifacts",
  ]);
});

test("an artifact or a result that was changed or is gone", async () => {
  using rig = testRepository();
  const { look, paths, result } = await made(rig);
  rig.write(paths.reportMarkdown, "other");
  unlinkSync(paths.reportHtml);
  rig.write(result, "{ }\n");
  const { ok, failing } = await look();
  expect(ok).toBe(false);
  expect(failing).toEqual([
    "worker:claude-analyser runs/implementation-planning/worker-results/claude-analyser-implementation-planning-001.json",
    "artifact runs/implementation-planning/reports/final-report-implementation-planning-001.md",
    "artifact runs/implementation-planning/reports/final-report-implementation-planning-001.html",
  ]);
});

test("a journal that was edited, cut or torn", async () => {
  using rig = testRepository();
  const { look, paths } = await made(rig);
  const whole = rig.read(paths.journal) ?? "";
  appendFileSync(paths.journal, '{"line":');
  expect((await look()).checks[0]).toMatchObject({ id: "journal:torn", severity: "warning", ok: false });
  rig.write(paths.journal, `${whole.trimEnd().split("\n").slice(0, -1).join("\n")}\n`);
  expect((await look()).checks[0]).toMatchObject({ id: "journal:cut", severity: "error" });
  rig.write(paths.journal, whole.replace('"analyser"', '"verifier"'));
  const edited = await look();
  expect(edited.ok).toBe(false);
  expect(edited.failing.some((row) => row.startsWith("journal:bad-line"))).toBe(true);
});

test("workers without a terminal status, without a reason, or never asked", async () => {
  using rig = testRepository();
  const events = [
    intended("claude"),
    intended("codex"),
    done("codex", { status: "error" }),
    intended("late"),
    done("late", { status: "timeout", reason: "idle" }),
  ];
  const { look } = await made(rig, { workers: ["claude", "codex", "late", "gemini"], events });
  const { checks } = await look();
  const bad = checks.filter(({ ok }) => !ok).map(({ id, message }) => `${id}: ${message}`);
  expect(bad).toEqual([
    "worker:claude-analyser: was asked and has no terminal status",
    "worker:codex-analyser: error without a result or a reason",
    "roster: rostered and never asked: gemini (analyser)",
  ]);
});

test("a run that has not ended is checked as far as it got", async () => {
  using rig = testRepository();
  const { look, result } = await made(rig, { outcome: null, workers: ["claude", "codex"] });
  unlinkSync(result);
  const { ok, checks } = await look();
  expect(ok).toBe(true);
  expect(checks.find(({ id }) => id === "ended")).toMatchObject({ ok: false, severity: "warning" });
  expect(checks.find(({ id }) => id === "worker:claude-analyser")?.message).toContain("held back");
});

/** A report of dispatches that said nothing of what they used. */
const unused = { ...planning, usage: { all: noUsage, byWorker: [] } };

test("a run that does not agree with itself", async () => {
  const failingOf = async (report: object, events: RunEvent[] = [], listed = 1) => {
    using rig = testRepository();
    const place = { host: rig.host, home: rig.home, projectRoot: rig.root, key: run.key };
    const summary = { ...summaryOf(run, "completed"), id: printRun(run) };
    take(await writeTaskManifest(rig.host, place, taskOf(Array.from({ length: listed }, () => summary))));
    const artifacts = { [runPaths(rig.root, run).reportData]: JSON.stringify(report) };
    const answered = [intended("claude"), done("claude", { sha256: sha("{}\n") }), ...events];
    return (await (await made(rig, { artifacts, events: answered })).look()).failing.map((row) => row.split(" ")[0]);
  };
  const looked = (when: string): RunEvent => ({ type: "fact", data: { key: `guard:blind:${when}`, value: true } });
  expect(await failingOf(unused, [looked("before"), looked("kept")])).toEqual([]);
  expect(await failingOf(unused, [looked("before")])).toEqual(["read-only"]);
  expect(await failingOf(unused, [], 2)).toEqual(["sequence"]);
  expect(await failingOf(unused, [], 0)).toEqual(["sequence"]);
  expect(await failingOf({ ...unused, outcome: "blocked" })).toEqual(["verdict"]);
  const more = { ...noUsage, inputTokens: 5 };
  expect(await failingOf({ ...unused, usage: { all: more, byWorker: [] } })).toEqual(["usage"]);
  expect(await failingOf({ ...unused, usage: { all: { ...more, totalTokens: 5 }, byWorker: [] } })).toEqual(["usage"]);
  const one = { workerId: "claude", role: "analyser", usage: { ...more, totalTokens: 5 } };
  expect(await failingOf({ ...unused, usage: { all: noUsage, byWorker: [one] } })).toEqual(["usage"]);
});

const approvalOf = (after: { data: string; markdown: string; html?: string }) =>
  JSON.stringify({
    schemaVersion: 1,
    run: printRun(run),
    content: sha("c"),
    decision: "approved",
    who: "Ada",
    via: "flag",
    note: "",
    time: "2026-01-01T00:00:00.000Z",
    before: { data: sha("data"), markdown: sha("markdown") },
    after: Object.fromEntries(Object.entries(after).map(([name, text]) => [name, sha(text)])),
  });

/** A run whose report a person approved: `after` is noted, `html` is the page that lies there. */
async function approvedRun(rig: TestRepository, of: { after: Parameters<typeof approvalOf>[0]; html: string }) {
  const { paths, look } = await made(rig);
  rig.write(paths.reportData, of.after.data);
  rig.write(paths.reportMarkdown, of.after.markdown);
  rig.write(paths.reportHtml, of.html);
  const text = approvalOf(of.after);
  rig.write(paths.approval, text);
  const vouch = async () => take(await saveApprovalHead(rig.host, rig.home, run, sha(text)));
  const failing = async () => (await look()).failing.map((row) => row.replace(/ .*?\./, " "));
  return { paths, look, vouch, failing };
}

test("approval writes the report again: its record's hashes then hold, whichever version rendered it", async () => {
  using rig = testRepository();
  const after = { data: JSON.stringify(unused), markdown: "approved markdown", html: "page of an earlier style" };
  const { paths, vouch, failing } = await approvedRun(rig, { after, html: after.html });
  // A record that no home vouches for allows nothing.
  expect(await failing()).toEqual(["approval json", "artifact data.json", "artifact md", "artifact html"]);
  await vouch();
  expect(await failing()).toEqual([]);
  // What the data gives now is not what was approved; nor is what stood there before.
  for (const other of [renderHtml(unused), "html", `${after.html} `, after.markdown]) {
    rig.write(paths.reportHtml, other);
    expect(await failing()).toEqual(["artifact html"]);
  }
  rig.write(paths.reportHtml, after.html);
  rig.write(paths.reportMarkdown, "markdown");
  rig.write(paths.reportData, "data");
  expect(await failing()).toEqual(["artifact data.json", "artifact md"]);
  rig.write(paths.approval, "{}");
  expect((await failing())[0]).toMatch(/^approval /);
  unlinkSync(paths.approval);
  expect((await failing())[0]).toMatch(/^approval /);
});

test("an approval that noted no hash of the page: it is the one that its data gives, and no other", async () => {
  using rig = testRepository();
  const after = { data: JSON.stringify(unused), markdown: "approved markdown" };
  const { paths, vouch, look, failing } = await approvedRun(rig, { after, html: renderHtml(unused) });
  await vouch();
  expect(await failing()).toEqual([]);
  rig.write(paths.reportHtml, "page of an earlier style");
  const [row] = (await look()).checks.filter(({ ok }) => !ok);
  expect(row).toMatchObject({ message: expect.stringContaining("was changed, or another version") });
  const ask = { home: rig.home, projectRoot: rig.root, run };
  // That it was changed cannot be ruled out, so it is made anew.
  const page = take(await validateReport(rig.host, ask)).checks.find(({ id }) => id === "report:page");
  expect([page?.ok, page?.message, page?.remedy]).toEqual([false, row?.message, row?.remedy]);
  take(await validateReport(rig.host, { ...ask, fix: true }));
  expect([rig.read(paths.reportHtml), await failing()]).toEqual([renderHtml(unused), []]);
  rig.write(paths.reportData, "approved data, edited");
  expect(await failing()).toEqual(["artifact data.json", "artifact html"]);
});

test("the carry is where it was written, or set aside under a new plan", async () => {
  using rig = testRepository();
  const paths = taskPaths(rig.root, run.key);
  const carried: RunEvent = {
    type: "carry.written",
    data: { stage: 1, path: paths.carryRelative(1), sha256: sha("carry"), head: rig.start },
  };
  const { look } = await made(rig, { workers: [], events: [carried] });
  expect((await look()).failing).toEqual(["carry runs/implementation/carry/stage-1.json"]);
  rig.write(paths.carry(1), "carry");
  expect((await look()).failing).toEqual([]);
});

test("a run that is not there", async () => {
  using rig = testRepository();
  const list = take(await validateRun(rig.host, { home: rig.home, projectRoot: rig.root, run }));
  expect(list.ok).toBe(false);
  expect(list.checks.map(({ id }) => id)).toEqual(["journal:missing", "manifest"]);
  expect(join(list.checks[0]?.where ?? "")).toBe(runPaths(rig.root, run).journal);
});

test("a question that the run raised and the file has no more is seen, by doctor too", async () => {
  using rig = testRepository();
  await made(rig);
  const place = { host: rig.host, home: rig.home, projectRoot: rig.root, key: run.key };
  const time = "2026-01-02T00:00:00.000Z";
  const item = { schemaVersion: 1, id: "C-001", question: "Which?", why: "", kind: "fact", expectedForm: "" } as const;
  const open = { status: "open", userInput: null, answeredBy: null, resolvedIn: null, blocks: "next-phase" } as const;
  take(
    await writeClarification(rig.host, place, {
      ...item,
      ...open,
      raisedBy: ["claude"],
      raisedIn: printRun(run),
      time,
    }),
  );
  writeFileSync(projectPaths(rig.root).project, JSON.stringify({ schemaVersion: 1, projectId: "shop" }));
  const entry = { key: "shop/q3/cart", title: "", phase: run.taskType, outcome: null, updatedAt: time };
  take(await updateCatalog(rig.host, rig.home, { projectId: "shop", projectRoot: rig.root }, entry));
  const rows = async () => {
    const validated = take(await validateRun(rig.host, { home: rig.home, projectRoot: rig.root, run }));
    const sandbox = { asked: "off", source: "test" } as const;
    const network = { asked: "open", source: "test" } as const;
    const ask = { cwd: rig.root, sandbox, network, agents: async () => [], fix: false };
    const seen = take(await doctor(worldOf(rig.host, rig.home), ask));
    return [validated, seen].map(({ checks }) => checks.find(({ id }) => id === "clarifications")?.message);
  };
  expect(await rows()).toEqual([undefined, undefined]);
  unlinkSync(taskPaths(rig.root, run.key).clarifications);
  const message = expect.stringContaining("C-001 (open): raised, and missing in the file");
  expect(await rows()).toEqual([message, message]);
});

test("fix cycles that were edited in the task's file are seen", async () => {
  using rig = testRepository();
  const { look } = await made(rig);
  const place = { host: rig.host, home: rig.home, projectRoot: rig.root, key: run.key };
  const by = { reason: "again", who: "Ada", via: "cli", time: "2026-01-02T00:00:00.000Z" };
  const row = { schemaVersion: 1, status: "opened", cycle: 1, reopens: printRun(run), ...by } as const;
  take(await writeFixCycle(rig.host, place, row));
  expect((await look()).failing).toEqual([]);
  const { fixCycles } = taskPaths(rig.root, run.key);
  const dropped = { schemaVersion: 1, status: "closed", cycle: 1, as: "dropped", note: "", ...by, reason: undefined };
  appendFileSync(fixCycles, `${JSON.stringify(dropped)}\n`);
  expect((await look()).failing).toEqual(["fix-cycles history/fix-cycles.jsonl"]);
});
