/**
 * The fix cycles of a task: rows in its history, append-only. They are the truth of which cycle the task is in; the number in the
 * manifest follows them.
 */
import { checkFixCycleRow } from "../generated/registry.check.js";
import type { Host } from "../host/index.ts";
import { taskPaths } from "../lifecycle/index.ts";
import { appendRow, type RowFile, readRows } from "./jsonl.ts";
import type { TaskPlace } from "./place.ts";
import type { FixCycleRow } from "./registry.schema.ts";

/** Oldest first; none where no cycle was ever opened. Throws `malformed` with the line. */
export const readFixCycles = (host: Host, place: TaskPlace): Promise<FixCycleRow[]> => readRows(host, fileOf(place));

/** Durable. The caller holds the task lock. */
export const writeFixCycle = (host: Host, place: TaskPlace, row: FixCycleRow): Promise<void> =>
  appendRow(host, fileOf(place), row);

const fileOf = (place: TaskPlace): RowFile<FixCycleRow> => ({
  path: taskPaths(place.projectRoot, place.key).fixCycles,
  what: "fix cycle",
  check: checkFixCycleRow,
  durable: true,
  remedy: "Take the line out, or restore the file from a copy",
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
