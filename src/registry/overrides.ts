/**
 * Blocking items that a person let pass, a line each. They lie in the home alone, where no agent of the task works; what they did
 * stands in the reports.
 */
import { checkOverride } from "../generated/registry.check.js";
import type { Host } from "../host/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import { readRun } from "../model/index.ts";
import { appendRow, type RowFile, readRows } from "./jsonl.ts";
import { readRunManifest } from "./manifests.ts";
import type { TaskPlace } from "./place.ts";
import type { Override } from "./registry.schema.ts";

/** Oldest first. A task that was deleted and made anew has the same key: what was let pass in the old one holds no more. */
export async function readOverrides(host: Host, place: TaskPlace): Promise<Override[]> {
  const kept: Override[] = [];
  for (const row of await readRows(host, fileOf(place))) {
    const run = await readRunManifest(host, place, readRun(row.run));
    if (run !== undefined && run.createdAt <= row.time) kept.push(row);
  }
  return kept;
}

/** Durable. The caller holds the task lock. */
export const writeOverride = (host: Host, place: TaskPlace, row: Override): Promise<void> =>
  appendRow(host, fileOf(place), row);

const fileOf = (place: TaskPlace): RowFile<Override> => ({
  path: homePaths(place.home).overrides(place.key),
  what: "override",
  check: checkOverride,
  durable: true,
});
