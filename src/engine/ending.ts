/** The end of a run: report, artifacts, hold given back, `run.ended`, then the projections. */
import { relative } from "node:path";
import { homePaths, taskPaths } from "../lifecycle/index.ts";
import type { RunSummary, TaskManifest } from "../lifecycle/task.schema.ts";
import { categories, mayResume, type Outcome, take } from "../model/index.ts";
import {
  appendIndex,
  readTaskManifest,
  readTimeline,
  taskLock,
  updateCatalog,
  withLock,
  writeTaskManifest,
  writeTimeline,
} from "../registry/index.ts";
import { render } from "../report/index.ts";
import type { Report } from "../report/report.schema.ts";
import { releaseHold } from "./hold.ts";
import { closeHolding } from "./holding.ts";
import { type OpenRun, progress, record } from "./run.ts";
import { summarise } from "./summary.ts";
import { taskIndex } from "./task-index.ts";
import { nowOf } from "./world.ts";

export type Ending = {
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly verdict: string | null;
  readonly message: string;
  readonly remedy: string;
  readonly report: Report | null;
  /** Dispatches that are asked again when the run is resumed. */
  readonly askAgain?: readonly string[];
};

export async function endRun(run: OpenRun, ending: Ending): Promise<void> {
  const { files } = run.world.host;
  // Then its blind pass is still blind.
  if (!mayResume(ending.outcome)) await closeHolding(run);
  if (ending.report !== null) {
    await files.replaceFile(run.paths.reportData, `${JSON.stringify(ending.report, null, 2)}\n`, { durable: true });
    const { markdown, html } = render(ending.report);
    await files.replaceFile(run.paths.reportMarkdown, markdown, { durable: true });
    await files.replaceFile(run.paths.reportHtml, html, { durable: true });
    await progress(run, "phase-6-report", relative(run.project.projectRoot, run.paths.reportMarkdown));
  }
  await progress(run, "phase-7-record", ending.outcome);
  const { outcome, reason, verdict, message, remedy, askAgain } = ending;
  const artifacts = await artifactsOf(run);
  const again = askAgain === undefined ? {} : { askAgain };
  await record(
    run,
    { type: "run.ended", data: { outcome, reason, verdict, message, ...again, remedy, artifacts } },
    { durable: true },
  );
  await settleEnd(run);
}

/**
 * What follows `run.ended`: done again by whoever finds an ended run that a kill left unsettled. The head in the home says last
 * that all of it is done.
 */
export async function settleEnd(run: OpenRun): Promise<void> {
  const { files } = run.world.host;
  await releaseHold(run);
  await refreshProjections(run);
  await files.removeTree(homePaths(run.world.home).scratch(run.ref));
  take(await run.journal.saveHead({ ended: true }));
}

/** Every file that this run left in its folder, with its hash; `okstra validate run` compares them. */
async function artifactsOf(run: OpenRun): Promise<{ path: string; sha256: string }[]> {
  const { files } = run.world.host;
  const tail = `${run.ref.taskType}-${String(run.ref.seq).padStart(3, "0")}`;
  const seq = String(run.ref.seq).padStart(3, "0");
  const own = (name: string): boolean =>
    name.includes(tail) || name.endsWith(`-${seq}.json`) || name.includes(`-${seq}.`);
  const found: { path: string; sha256: string }[] = [];
  for (const folder of [
    run.paths.manifests,
    run.paths.state,
    run.paths.prompts,
    run.paths.results,
    run.paths.reports,
    `${run.paths.state}/logs-${seq}`,
  ]) {
    for (const entry of await files.list(folder)) {
      const path = `${folder}/${entry.name}`;
      if (
        entry.kind !== "file" ||
        !(own(entry.name) || folder.endsWith(`/logs-${seq}`)) ||
        path === run.paths.journal ||
        path === run.paths.approval
      )
        continue;
      const hash = await files.hash(path);
      if (hash !== undefined)
        found.push({ path: relative(taskPaths(run.project.projectRoot, run.ref.key).folder, path), sha256: hash });
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * What read commands show of this run. Projections: rebuilt from the journal when lost. The task manifest is written last, so
 * that a run which it shows as ended is shown so everywhere.
 */
async function refreshProjections(run: OpenRun): Promise<void> {
  const { world, project, place } = run;
  const summary = summarise(project.projectRoot, run.manifest, run.journal.events, run.journal.head().sha256);
  await withLock(world.host, taskLock(world.home, run.ref.key), "record the end of a run", async () => {
    const task = take(await readTaskManifest(world.host, place)) ?? run.task;
    const before = task.runs.find((one) => one.id === run.id);
    if (before?.outcome === summary.outcome && before.journalHead === summary.journalHead) return;
    const runs = [...task.runs.filter((one) => one.id !== run.id), summary].sort((a, b) =>
      a.startedAt < b.startedAt ? -1 : 1,
    );
    const category = categories.find((name) => name === run.memory.facts.get("category")) ?? task.category;
    const updated = { ...task, category, runs, updatedAt: nowOf(world) };
    await showEverywhere(run, updated, summary);
    take(await writeTaskManifest(world.host, place, updated));
  });
}

/** A run that had ended and goes on is under way again for those who read the task. */
export async function listAgain(run: OpenRun): Promise<void> {
  const { world, project, place } = run;
  const summary = summarise(project.projectRoot, run.manifest, run.journal.events, run.journal.head().sha256);
  await withLock(world.host, taskLock(world.home, run.ref.key), "take a run up again", async () => {
    const task = take(await readTaskManifest(world.host, place));
    if (task === undefined) return;
    const runs = task.runs.map((one) => (one.id === run.id ? summary : one));
    take(await writeTaskManifest(world.host, place, { ...task, runs, updatedAt: nowOf(world) }));
  });
}

async function showEverywhere(run: OpenRun, task: TaskManifest, summary: RunSummary): Promise<void> {
  const { world, project, place } = run;
  await world.host.files.replaceFile(taskPaths(project.projectRoot, run.ref.key).index, taskIndex(task));
  const timeline = take(await readTimeline(world.host, place));
  const { startedAt, endedAt, outcome } = summary;
  const row = { run: run.id, preparedAt: run.manifest.createdAt, startedAt, endedAt, outcome };
  const rows = [...timeline.runs.filter((one) => one.run !== run.id), row];
  take(await writeTimeline(world.host, place, { ...timeline, runs: rows }));
  const newest = task.runs.at(-1) ?? summary;
  const { key, title, phase, updatedAt } = task;
  take(await updateCatalog(world.host, world.home, project, { key, title, phase, outcome: newest.outcome, updatedAt }));
  take(
    await appendIndex(world.host, world.home, {
      schemaVersion: 1,
      run: run.id,
      taskKey: run.task.key,
      taskType: run.ref.taskType,
      stage: run.ref.stage,
      seq: run.ref.seq,
      projectRoot: project.projectRoot,
      event: "ended",
      outcome,
      time: updatedAt,
      invocation: null,
      costUsd: summary.usage.costUsd,
    }),
  );
}
