/**
 * The fix cycles of a task: rows in its history, append-only. They are the truth of which cycle the task is in; the number in the
 * manifest follows them. The home keeps every row too, since agents work beside the project's files, and what it knows counts.
 */
import { isDeepStrictEqual } from "node:util";
import { checkFixCycleRow } from "../generated/registry.check.js";
import type { Host } from "../host/index.ts";
import { homePaths, taskPaths } from "../lifecycle/index.ts";
import { readRun } from "../model/index.ts";
import { appendRow, type RowFile, readRows } from "./jsonl.ts";
import { readRunManifest } from "./manifests.ts";
import type { TaskPlace } from "./place.ts";
import type { FixCycleRow } from "./registry.schema.ts";

/**
 * Oldest first; none where no cycle was ever opened. Where the home knows rows of the task, those and no others count: a cycle is
 * neither opened nor dropped by editing a file. Throws `malformed` with the line.
 */
export async function readFixCycles(host: Host, place: TaskPlace): Promise<FixCycleRow[]> {
  const known = await knownRows(host, place);
  return known.length > 0 ? known : await readRows(host, fileOf(place));
}

/** Durable; the home's line first, since it is what counts after a kill between the two. The caller holds the task lock. */
export async function writeFixCycle(host: Host, place: TaskPlace, row: FixCycleRow): Promise<void> {
  if ((await knownRows(host, place)).length === 0) await learn(host, place);
  else await restoreFixCycles(host, place);
  await appendRow(host, copyOf(place), row);
  await appendRow(host, fileOf(place), row);
}

/** A home that knows no row of the task, as a new one: what the task's file says is all that there is. */
async function learn(host: Host, place: TaskPlace): Promise<void> {
  for (const row of await readRows(host, fileOf(place))) await appendRow(host, copyOf(place), row);
}

/**
 * Records again in the task's file what only the home knows, as after a kill between the two, or when the file is gone. One that says
 * something else stays as it is. The caller holds the task lock.
 */
export async function restoreFixCycles(host: Host, place: TaskPlace): Promise<void> {
  const known = await knownRows(host, place);
  if (known.length === 0 || (await editedFixCycles(host, place)) !== "missing") return;
  const there = await readRows(host, fileOf(place));
  for (const row of known.slice(there.length)) await appendRow(host, fileOf(place), row);
}

/**
 * What was done to the task's file since okstra wrote it: `missing` when rows are gone from its end, `changed` when it says something
 * else, `unknown` when the home knows nothing of it. Null when nothing was. Throws `malformed` with the line.
 */
export async function editedFixCycles(host: Host, place: TaskPlace): Promise<"missing" | "changed" | "unknown" | null> {
  const known = await knownRows(host, place);
  const there = await readRows(host, fileOf(place));
  if (known.length === 0) return there.length === 0 ? null : "unknown";
  if (!there.every((row, at) => isDeepStrictEqual(row, known[at]))) return "changed";
  if (there.length < known.length) return "missing";
  return (await isAsWritten(host, place, known)) ? null : "changed";
}

/** To the byte, but for what a kill tore and a later row named. */
async function isAsWritten(host: Host, place: TaskPlace, rows: readonly FixCycleRow[]): Promise<boolean> {
  const text = await host.files.readText(fileOf(place).path);
  const lines = new Set(text?.split("\n"));
  if (!rows.every((row) => lines.has(JSON.stringify(row)))) return false;
  return text?.includes('"repaired":') === true || text === rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

/** A task that was deleted and made anew has the same key: rows about a run that it has not, or that is younger, are of the old one. */
async function knownRows(host: Host, place: TaskPlace): Promise<FixCycleRow[]> {
  const known: FixCycleRow[] = [];
  let isOfThisTask = false;
  for (const row of await readRows(host, copyOf(place))) {
    if (row.status === "opened") {
      const run = await readRunManifest(host, place, readRun(row.reopens));
      isOfThisTask = run !== undefined && run.createdAt <= row.time;
    }
    if (isOfThisTask) known.push(row);
  }
  return known;
}

const fileOf = (place: TaskPlace): RowFile<FixCycleRow> => ({
  path: taskPaths(place.projectRoot, place.key).fixCycles,
  what: "fix cycle",
  check: checkFixCycleRow,
  durable: true,
  remedy: "Take the line out, or restore the file from a copy",
});

const copyOf = (place: TaskPlace): RowFile<FixCycleRow> => ({
  ...fileOf(place),
  path: homePaths(place.home).fixCycles(place.key),
});

export type FixCycle = {
  readonly cycle: number;
  readonly state: "open" | "closed";
  readonly reason: string;
  readonly reopens: string;
  readonly openedAt: string;
  readonly runs: readonly string[];
};

/** The cycle that the task is in: the newest that was not dropped; 0 before the first. */
export function presentCycle(rows: readonly FixCycleRow[]): number {
  const dropped = new Set(rows.flatMap((row) => (row.status === "closed" && row.as === "dropped" ? [row.cycle] : [])));
  return rows.findLast((row) => row.status === "opened" && !dropped.has(row.cycle))?.cycle ?? 0;
}

/** The newest cycle; undefined where none was ever opened. */
export function newestCycle(rows: readonly FixCycleRow[]): FixCycle | undefined {
  const opened = rows.findLast((row) => row.status === "opened");
  if (opened?.status !== "opened") return undefined;
  const { cycle, reason, reopens, time } = opened;
  const own = rows.filter((row) => row.cycle === cycle);
  const state = own.some(({ status }) => status === "closed") ? "closed" : "open";
  const runs = own.flatMap((row) => (row.status === "run" ? [row.run] : []));
  return { cycle, state, reason, reopens, openedAt: time, runs };
}
