import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { relative } from "node:path";
import { expect, test } from "vitest";
import { reports } from "../../test/fixtures/report/index.ts";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import { runPaths, taskPaths } from "../lifecycle/index.ts";
import { readRun, take } from "../model/index.ts";
import { createJournal, openHome } from "../registry/index.ts";
import { renderHtml, renderMarkdown } from "../report/index.ts";
import type { Report } from "../report/report.schema.ts";
import { validateBundle, validateReport } from "./index.ts";

function write(rig: TestRepository, report: Report): void {
  const paths = runPaths(rig.root, readRun(report.run));
  rig.write(paths.reportData, JSON.stringify(report));
  rig.write(paths.reportMarkdown, renderMarkdown(report));
  rig.write(paths.reportHtml, renderHtml(report));
}

async function look(rig: TestRepository, { run }: Report) {
  const list = take(await validateReport(rig.host, { home: rig.home, projectRoot: rig.root, run: readRun(run) }));
  const bad = list.checks.filter(({ ok }) => !ok).map(({ id, severity, message }) => `${severity} ${id}: ${message}`);
  return { list, bad };
}

const analysis = reports["error-analysis"] ?? expect.unreachable();

test("every report that okstra renders holds together", async () => {
  using rig = testRepository();
  for (const report of Object.values(reports)) {
    write(rig, report);
    const { list, bad } = await look(rig, report);
    expect(bad, report.run).toEqual([]);
    expect(list.checks.map(({ id }) => id)).toEqual(
      ["data", "markdown", "page", "ids", "references"].map((name) => `report:${name}`),
    );
  }
});

test("what does not agree, is named twice, or names nothing", async () => {
  using rig = testRepository();
  const [first] = analysis.items;
  if (first === undefined) throw new Error("the fixture has no item");
  write(rig, { ...analysis, items: [...analysis.items.slice(0, 2), first] });
  const paths = runPaths(rig.root, readRun(analysis.run));
  rig.write(paths.reportMarkdown, "# Something else\n");
  rig.write(paths.reportHtml, `${renderHtml(analysis)} `);
  expect((await look(rig, analysis)).bad).toEqual([
    "error report:markdown: does not agree with its data",
    "error report:page: does not agree with its data",
    "error report:ids: items has F-001 twice",
    "error report:references: evidence names F-003, which is no item of the report",
    "error report:references: evidence names F-003, which is no item of the report",
  ]);
  rig.write(paths.reportData, "{}");
  expect((await look(rig, analysis)).list.ok).toBe(false);
});

test("with fix, Markdown and page are made anew of data that is proven to be what the run wrote", async () => {
  using rig = testRepository();
  const run = readRun(analysis.run);
  const paths = runPaths(rig.root, run);
  const place = { host: rig.host, home: rig.home, projectRoot: rig.root, key: run.key };
  const fixed = async () => {
    const ask = { home: rig.home, projectRoot: rig.root, run, fix: true };
    const { checks } = take(await validateReport(rig.host, ask));
    return checks.filter(({ id }) => id !== "report:ids").map(({ ok, message }) => `${ok}: ${message}`);
  };
  write(rig, analysis);
  rig.write(paths.reportMarkdown, "# Something else\n");
  // Nothing proves the data yet.
  expect((await fixed())[1]).toBe("false: does not agree with its data");
  take(await openHome(rig.host, rig.home));
  const prepared = { run: analysis.run, invocation: {}, manifestSha256: "m" };
  const journal = take(await createJournal(rig.host, place, run, { type: "run.prepared", data: prepared }));
  const artifacts = [
    [paths.reportData, JSON.stringify(analysis)] as const,
    [paths.reportMarkdown, renderMarkdown(analysis)] as const,
    [paths.reportHtml, renderHtml(analysis)] as const,
  ].map(([path, text]) => ({
    path: relative(taskPaths(rig.root, run.key).folder, path),
    sha256: createHash("sha256").update(text).digest("hex"),
  }));
  const end = { outcome: "completed", reason: null, verdict: null, message: "", artifacts } as const;
  take(await journal.append({ type: "run.ended", data: end }));
  take(await journal.saveHead({ ended: true }));
  rmSync(paths.reportHtml);
  expect((await fixed()).slice(1, 3)).toEqual([
    "true: was another; made anew from its data",
    "true: was missing; made anew from its data",
  ]);
  expect(rig.read(paths.reportMarkdown)).toBe(renderMarkdown(analysis));
  expect(rig.read(paths.reportHtml)).toBe(renderHtml(analysis));
  // A file that okstra wrote is no other one.
  rig.write(paths.reportHtml, renderMarkdown(analysis));
  rig.write(paths.reportMarkdown, renderHtml(analysis));
  expect((await look(rig, analysis)).bad).toEqual([
    "error report:markdown: does not agree with its data",
    "error report:page: does not agree with its data",
  ]);
  await fixed();
  // Other data is restored from nothing.
  rig.write(paths.reportData, JSON.stringify({ ...analysis, title: "Another" }));
  expect((await fixed()).slice(0, 3)).toEqual([
    "false: was changed since okstra wrote it",
    "false: does not agree with its data",
    "false: does not agree with its data",
  ]);
  // Neither is it proven by a Markdown and a page that were changed with it.
  write(rig, { ...analysis, title: "Another" });
  expect((await fixed()).slice(0, 3)).toEqual([
    "false: was changed since okstra wrote it",
    "true: as its data gives it",
    "true: as its data gives it",
  ]);
  rig.write(paths.reportMarkdown, "# Something else\n");
  expect((await fixed())[1]).toBe("false: does not agree with its data");
});

test("a run without a report is told, and is no problem", async () => {
  using rig = testRepository();
  const { list, bad } = await look(rig, analysis);
  expect([list.ok, bad]).toEqual([true, [`warning report:data: ${analysis.run} has no report`]]);
});

test("a bundle says each file that is due and is not there", async () => {
  using rig = testRepository();
  const run = readRun(analysis.run);
  const ask = { home: rig.home, projectRoot: rig.root, run };
  rig.write(runPaths(rig.root, run).manifest, "{}");
  rig.write(runPaths(rig.root, run).journal, "");
  const { checks } = take(await validateBundle(rig.host, ask));
  expect(checks.map(({ id, ok, message }) => `${id} ${ok ? "ok" : message}`)).toEqual([
    "bundle:task-manifest is missing",
    "bundle:task-index is missing",
    "bundle:brief is missing",
    "bundle:timeline is missing",
    "bundle:manifest ok",
    "bundle:journal is empty",
  ]);
});
