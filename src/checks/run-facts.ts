/**
 * Whether a run agrees with itself: listed once in its task, its verdict with its blockers, the usage of its report with its journal,
 * and its readers with the tree that they may only read. Looks only; files that were changed are named elsewhere.
 */
import { checkOfReport } from "../engine/index.ts";
import type { Host } from "../host/index.ts";
import { runPaths, taskPaths } from "../lifecycle/index.ts";
import { doorSync, type JournalEvent, parseJson, printRun, type RunRef } from "../model/index.ts";
import { readTaskManifest, type TaskPlace } from "../registry/index.ts";
import type { Report } from "../report/report.schema.ts";
import type { Check } from "./checks.schema.ts";
import { counted, failed, failedAs, passed, warned } from "./rows.ts";

type Of = { readonly run: RunRef; readonly events: readonly JournalEvent[] };
type Ended = Extract<JournalEvent, { type: "run.ended" }>;

const restore = "Restore the file from a copy; a run whose records disagree proves nothing";

/** Of a run that has ended. */
export async function factRows(host: Host, place: TaskPlace, of: Of): Promise<Check[]> {
  const end = of.events.findLast(({ type }) => type === "run.ended" || type === "run.started");
  if (end?.type !== "run.ended") return [];
  const paths = runPaths(place.projectRoot, of.run);
  const listed = await sequenceRows(host, place, of.run);
  const kept = readOnlyRow(of.events, end, paths.journal);
  const text = end.data.artifacts.some(({ path }) => path.endsWith(".data.json"))
    ? await host.files.readText(paths.reportData)
    : undefined;
  if (text === undefined) return [...listed, kept];
  const report = doorSync(() => parseJson(checkOfReport(of.run.taskType), text, "report", paths.reportData))();
  // What is wrong with the file is for `validate report`, and that it was changed for the row of artifacts.
  if (!report.ok) return [...listed, kept];
  return [
    ...listed,
    kept,
    verdictRow(report.value, end, paths.reportData),
    usageRow(report.value, of.events, paths.reportData),
  ];
}

/** A number that was given twice would be one folder of two runs. */
async function sequenceRows(host: Host, place: TaskPlace, run: RunRef): Promise<Check[]> {
  const about = { id: "sequence", where: `${taskPaths(place.projectRoot, run.key).folder}/task-manifest.json` };
  const task = await readTaskManifest(host, place);
  if (!task.ok) return [failedAs(about, task.error)];
  // That it is not there is for `validate bundle`.
  if (task.value === undefined) return [];
  const times = task.value.runs.filter(({ id }) => id === printRun(run)).length;
  if (times === 1) return [passed(about, "listed once")];
  const remedy = times === 0 ? "okstra doctor --fix lists it again" : restore;
  const told = times === 0 ? "the task does not list the run" : `the task lists the run ${times} times`;
  return [failed(about, told, remedy)];
}

/** Each group of readers was looked at before and found unchanged after. */
function readOnlyRow(events: readonly JournalEvent[], { data }: Ended, where: string): Check {
  const about = { id: "read-only", where };
  if (data.outcome === "contract-violation") return warned(about, `was not kept: ${data.message}`, data.remedy ?? "");
  const looks = events.flatMap((event) => {
    const [, name, when] = (event.type === "fact" && /^guard:(.+):(before|kept)$/.exec(event.data.key)) || [];
    return name === undefined ? [] : [{ name, when }];
  });
  const kept = new Set(looks.filter(({ when }) => when === "kept").map(({ name }) => name));
  const open = looks.filter(({ name, when }) => when === "before" && !kept.has(name)).map(({ name }) => name);
  if (data.outcome !== "completed" || open.length === 0)
    return passed(about, `${counted(kept.size, "group")} looked at`);
  return failed(about, `nobody looked whether these only read: ${[...new Set(open)].join(", ")}`, restore);
}

function verdictRow(report: Report, { data }: Ended, where: string): Check {
  const wrong = disagreement(report, data);
  const about = { id: "verdict", where };
  return wrong === undefined ? passed(about, report.verdictCard.verdictToken) : failed(about, wrong, restore);
}

function disagreement(report: Report, { outcome, verdict }: Ended["data"]): string | undefined {
  if (report.outcome !== outcome) return `the report says ${report.outcome}, the journal ${outcome}`;
  if (report.taskType === "implementation") {
    const failing = report.checks.find(({ ok, blocking }) => !ok && blocking);
    return outcome === "completed" && failing !== undefined && report.integration.state !== "unmerged"
      ? `the stage is completed, and ${failing.id} stands against it: ${failing.message}`
      : undefined;
  }
  if (report.taskType !== "final-verification") return undefined;
  if (report.verdict !== verdict) return `the report says ${report.verdict}, the journal ${verdict}`;
  const blockers = report.acceptanceBlockers.length;
  if ((report.verdict === "blocked") !== blockers > 0)
    return `the verdict is ${report.verdict} with ${blockers} blockers`;
  return report.verdict === "conditional-accept" && report.residualRisks.length === 0
    ? "the verdict is conditional-accept without a risk"
    : undefined;
}

/** A run that was gone on with may have asked again, and its report counts what it took: then no more than was used. */
function usageRow({ usage }: Report, events: readonly JournalEvent[], where: string): Check {
  const about = { id: "usage", where };
  const used = events.flatMap((event) =>
    event.type === "dispatch.done" && event.data.usage !== null ? [event.data.usage] : [],
  );
  const sum = used.reduce(
    (all, one) => all + one.input + one.cachedInput + one.cacheWrite + one.output + one.reasoning,
    0,
  );
  const once = ["run.started", "run.ended"].every((type) => events.filter((event) => event.type === type).length <= 1);
  const { all } = usage;
  const parts = all.inputTokens + all.cachedInputTokens + all.cacheWriteTokens + all.outputTokens + all.reasoningTokens;
  const byWorkers = usage.byWorker.reduce((total, one) => total + one.usage.totalTokens, 0);
  if (all.totalTokens !== parts)
    return failed(about, `${all.totalTokens} tokens in all, and ${parts} of each kind`, restore);
  if (byWorkers > all.totalTokens)
    return failed(about, `the workers used ${byWorkers} tokens, and all together ${all.totalTokens}`, restore);
  if (once ? all.totalTokens !== sum : all.totalTokens > sum)
    return failed(about, `the report says ${all.totalTokens} tokens, the journal ${sum}`, restore);
  return passed(about, `${all.totalTokens} tokens, as the journal has them`);
}
