/**
 * The run index of a home: `recent.jsonl` has a row for each run that was prepared or ended, `active.jsonl` those prepared and
 * not ended. A projection over all projects; written under the home lock.
 */
import { checkIndexRow } from "../generated/registry.check.js";
import type { Host } from "../host/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import { appendRow, type RowFile, readNewestRows, readRows } from "./jsonl.ts";
import { homeLock, withLock } from "./lock-names.ts";
import type { IndexRow } from "./registry.schema.ts";

/** Records that a run was prepared or has ended. */
export async function appendIndex(host: Host, home: string, row: IndexRow): Promise<void> {
  await withLock(host, homeLock(home), `index ${row.run}`, async () => {
    await appendRow(host, recentFile(home), row);
    const others = (await readRows(host, activeFile(home))).filter((other) => other.run !== row.run);
    const rows = row.event === "prepared" ? [...others, row] : others;
    await host.files.replaceFile(activeFile(home).path, rows.map((each) => `${JSON.stringify(each)}\n`).join(""));
  });
}

/** The newest `limit` rows, newest first; one for each run and event, the newest. Reads only the end of a long index. */
export async function readIndex(host: Host, home: string, limit: number): Promise<IndexRow[]> {
  for (let wanted = limit; ; wanted *= 2) {
    const { rows, all } = await readNewestRows(host, recentFile(home), wanted);
    const distinct = new Map<string, IndexRow>();
    for (const row of rows.reverse())
      if (!distinct.has(`${row.event} ${row.run}`)) distinct.set(`${row.event} ${row.run}`, row);
    if (all || distinct.size >= limit) return [...distinct.values()].slice(0, limit);
  }
}

/** The `prepared` rows of runs that have not ended, oldest first. */
export const readActive = (host: Host, home: string): Promise<IndexRow[]> => readRows(host, activeFile(home));

const recentFile = (home: string): RowFile<IndexRow> => indexFile(homePaths(home).recent);
const activeFile = (home: string): RowFile<IndexRow> => indexFile(homePaths(home).active);

const indexFile = (path: string): RowFile<IndexRow> => ({
  path,
  what: "run index row",
  check: checkIndexRow,
  durable: false,
  remedy: `Remove ${path}: it only lists runs, whose folders stay`,
});
