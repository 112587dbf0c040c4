/**
 * Whether a run's files are what its journal says: chain and head, artifacts by their hashes, every rostered worker with a
 * terminal status and its result or a reason. Looks only. A run that has not ended is checked as far as it got.
 */
import { join } from "node:path";
import type { Host } from "../host/index.ts";
import { runPaths, taskPaths } from "../lifecycle/index.ts";
import type { RunManifest } from "../lifecycle/task.schema.ts";
import { Fault, type JournalEvent, printRun, type RunRef, shellWord } from "../model/index.ts";
import { readJournal, readRunManifest, type TaskPlace, verifyJournal } from "../registry/index.ts";
import type { Check, CheckList } from "./checks.schema.ts";
import { fixCycleRows } from "./fix-cycles.ts";
import { questionRows } from "./questions.ts";
import { failed, failedAs, listOf, passed, warned } from "./rows.ts";
import { factRows } from "./run-facts.ts";
import { approvedReport, makeAnew, restoreRun, unnotedPage, type WrittenReport } from "./written-report.ts";

export type ValidateRunAsk = { readonly home: string; readonly projectRoot: string; readonly run: RunRef };

type Ended = Extract<JournalEvent, { type: "run.ended" }>;
type Done = Extract<JournalEvent, { type: "dispatch.done" }>;
type Carried = Extract<JournalEvent, { type: "carry.written" }>;
type Intended = Extract<JournalEvent, { type: "dispatch.intended" }>;

export async function validateRun(host: Host, { home, projectRoot, run }: ValidateRunAsk): Promise<CheckList> {
  const place: TaskPlace = { host, home, projectRoot, key: run.key };
  const paths = runPaths(projectRoot, run);
  const chain = await journalRows(host, place, run);
  const manifest = await readRunManifest(host, place, run);
  const about = { id: "manifest", where: paths.manifest };
  if (!manifest.ok) return listOf([...chain, failedAs(about, manifest.error)]);
  if (manifest.value === undefined)
    return listOf([
      ...chain,
      failed(about, "there is no manifest", "The run is not there as a whole; start the phase again"),
    ]);
  const read = await readJournal(host, place, run);
  if (!read.ok)
    return listOf([
      ...chain,
      passed(about, manifest.value.id),
      failedAs({ id: "events", where: paths.journal }, read.error),
    ]);
  const { events } = read.value;
  // One that was taken up again after its end has none yet.
  const end = events.findLast(({ type }) => type === "run.ended" || type === "run.started");
  const ended = end?.type === "run.ended" ? end : undefined;
  const looked: Looked = { projectRoot, run, events, ended };
  return listOf([
    ...chain,
    manifest.value.id === printRun(run)
      ? passed(about, manifest.value.id)
      : failed(about, `says it is ${manifest.value.id}`, restoreRun),
    endRow(run, paths.journal, ended),
    ...(await questionRows(host, place, (item) => item.raisedIn === printRun(run))),
    ...(await fixCycleRows(host, place)),
    ...(await dispatchRows(host, looked)),
    ...rosterRows(manifest.value, events, ended),
    ...(await carryRows(host, looked, manifest.value.plan)),
    ...(await factRows(host, place, looked)),
    ...(ended === undefined ? [] : await artifactRows(host, place, run, ended)),
  ]);
}

async function journalRows(host: Host, place: TaskPlace, run: RunRef): Promise<Check[]> {
  const { journal } = runPaths(place.projectRoot, run);
  const seen = await verifyJournal(host, place, run);
  if (!seen.ok) return [failedAs({ id: "journal", where: journal }, seen.error)];
  if (seen.value.length === 0) return [passed({ id: "journal", where: journal }, "whole, and as the home knows it")];
  return seen.value.map(({ kind, severity, path, line, message }) => {
    const about = { id: `journal:${kind}`, where: line === null ? path : `${path}:${line}` };
    return severity === "error"
      ? failed(about, message, restoreRun)
      : warned(about, message, kind === "torn" ? `okstra resume ${shellWord(printRun(run))} mends it` : "");
  });
}

function endRow(run: RunRef, where: string, ended: Ended | undefined): Check {
  const about = { id: "ended", where };
  if (ended !== undefined) return passed(about, ended.data.outcome);
  return warned(about, "the run has not ended", `If nobody executes it: okstra resume ${shellWord(printRun(run))}`);
}

type Looked = {
  readonly projectRoot: string;
  readonly run: RunRef;
  readonly events: readonly JournalEvent[];
  readonly ended: Ended | undefined;
};

/** Each dispatch: a terminal status, with its result as it was or a reason why there is none. */
async function dispatchRows(host: Host, { projectRoot, run, events, ended }: Looked): Promise<Check[]> {
  const intended = events.filter((event): event is Intended => event.type === "dispatch.intended");
  const done = new Map(
    events.filter((event): event is Done => event.type === "dispatch.done").map((event) => [event.data.name, event]),
  );
  const paths = runPaths(projectRoot, run);
  const rows: Check[] = [];
  for (const { name, worker, role, round, attempt } of new Map(
    intended.map(({ data }) => [data.name, data]),
  ).values()) {
    const where = paths.result({ worker, role, attempt, ...(round === null ? {} : { round }) });
    const end = done.get(name)?.data;
    if (end !== undefined) rows.push(await resultRow(host, { id: `worker:${name}`, where }, end, ended));
    else if (ended !== undefined && ended.data.outcome !== "cancelled") {
      rows.push(failed({ id: `worker:${name}`, where }, "was asked and has no terminal status", restoreRun));
    }
  }
  return rows;
}

async function resultRow(
  host: Host,
  about: { id: string; where: string },
  end: Done["data"],
  ended: Ended | undefined,
): Promise<Check> {
  if (end.sha256 === null) {
    if (end.reason !== null) return passed(about, `${end.status}: ${end.reason}`);
    return failed(about, `${end.status} without a result or a reason`, restoreRun);
  }
  const hash = await host.files.hash(about.where);
  if (hash === end.sha256) return passed(about, end.status);
  // Results of a blind pass lie in the home until it closes.
  if (hash === undefined && ended === undefined)
    return passed(about, `${end.status}; held back until the blind pass closes`);
  return failed(
    about,
    hash === undefined ? "the result is missing" : "the result was changed after it was taken",
    restoreRun,
  );
}

/** A completed run has asked everybody it rostered. */
function rosterRows(manifest: RunManifest, events: readonly JournalEvent[], ended: Ended | undefined): Check[] {
  if (ended?.data.outcome !== "completed") return [];
  const asked = new Set(
    events.flatMap((event) =>
      event.type === "dispatch.intended" || event.type === "dispatch.done" ? [event.data.name] : [],
    ),
  );
  const missing = manifest.roster.filter(({ worker }) => ![...asked].some((name) => name.startsWith(`${worker}-`)));
  const about = { id: "roster", where: manifest.id };
  if (missing.length === 0) return [passed(about, `${manifest.roster.length} rostered, all asked`)];
  return [
    failed(
      about,
      `rostered and never asked: ${missing.map(({ worker, role }) => `${worker} (${role})`).join(", ")}`,
      restoreRun,
    ),
  ];
}

/** Files that `run.ended` names, by hash. An approval or acceptance wrote the report again: then its record's hashes hold alone. */
async function artifactRows(host: Host, place: TaskPlace, run: RunRef, ended: Ended): Promise<Check[]> {
  const { projectRoot } = place;
  const { folder } = taskPaths(projectRoot, run.key);
  const paths = runPaths(projectRoot, run);
  const rows: Check[] = [];
  let approved: WrittenReport | undefined;
  try {
    approved = await approvedReport(host, { ...place, run });
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    rows.push(failedAs({ id: "approval", where: paths.approval }, thrown.failure));
  }
  const wanted: Readonly<Record<string, string | undefined>> =
    approved === undefined ? {} : approvedPaths(paths, approved);
  for (const { path, sha256 } of ended.data.artifacts) {
    const where = join(folder, path);
    const hash = await host.files.hash(where);
    const about = { id: "artifact", where };
    if (hash === undefined) rows.push(failed(about, "is missing", restoreRun));
    else if (hash === (where in wanted ? wanted[where] : sha256)) continue;
    else if (where === paths.reportHtml && approved?.pageUnnoted === true && approved.html !== undefined)
      rows.push(failed(about, unnotedPage, makeAnew(run)));
    else rows.push(failed(about, "was changed after the run ended", restoreRun));
  }
  return rows.length > 0
    ? rows
    : [passed({ id: "artifacts", where: folder }, `${ended.data.artifacts.length} files are as the run left them`)];
}

const approvedPaths = (
  paths: ReturnType<typeof runPaths>,
  { data, markdown, html }: WrittenReport,
): Record<string, string | undefined> => ({
  [paths.reportData]: data,
  [paths.reportMarkdown]: markdown,
  [paths.reportHtml]: html,
});

/** The carry that the run wrote: where it was put, or set aside since under a new plan. */
async function carryRows(host: Host, { projectRoot, run, events }: Looked, plan: string | null): Promise<Check[]> {
  const written = events.findLast((event): event is Carried => event.type === "carry.written");
  if (written === undefined) return [];
  const paths = taskPaths(projectRoot, run.key);
  const { stage, path, sha256 } = written.data;
  const places = [
    join(paths.folder, path),
    ...(plan === null ? [] : [join(paths.oldCarries(plan), `stage-${stage}.json`)]),
  ];
  for (const place of places)
    if ((await host.files.hash(place)) === sha256) return [passed({ id: "carry", where: place }, `stage ${stage}`)];
  return [
    failed(
      { id: "carry", where: places[0] ?? path },
      "the carry is missing or was changed: nothing proves that the stage is done",
      restoreRun,
    ),
  ];
}
