/**
 * The stage ledger of a task: what happened to each stage, append-only. A row is identified by plan, cycle, stage, attempt and
 * status; saying the same again adds nothing, saying it with another head is a correction and becomes the stage's state.
 */
import { checkLedgerRow } from "../generated/registry.check.js";
import { type Host, isoTime } from "../host/index.ts";
import { taskPaths } from "../lifecycle/index.ts";
import { type Failure, Fault } from "../model/index.ts";
import { appendRow, type RowFile, readableRows, readRows } from "./jsonl.ts";
import { ledgerLock, withLock } from "./lock-names.ts";
import type { TaskPlace } from "./place.ts";
import type { LedgerRow } from "./registry.schema.ts";

/** Every row, oldest first. Throws `malformed` with the line. */
export const readLedger = (host: Host, place: TaskPlace): Promise<LedgerRow[]> => readRows(host, ledgerFile(place));

/** Appends the row under the ledger lock unless it stands there already; true when it was added. Durable. */
export async function appendLedger(host: Host, place: TaskPlace, row: LedgerRow): Promise<boolean> {
  return await withLock(
    host,
    ledgerLock(place.home, place.key),
    `ledger: ${row.status} stage ${row.stage}`,
    async () => {
      const before = (await readLedger(host, place)).findLast((other) => sameIdentity(other, row));
      if (before !== undefined && before.head_commit === row.head_commit && before.carry_path === row.carry_path)
        return false;
      await appendRow(host, ledgerFile(place), row);
      return true;
    },
  );
}

export type LedgerSeen = {
  /** The rows that can be read. */
  readonly rows: readonly LedgerRow[];
  /** Why the file cannot be read as a whole; null when it can. */
  readonly failure: Failure | null;
};

/** What can be read of the ledger, whatever the file holds. Throws `newer-version`. */
export async function examineLedger(host: Host, place: TaskPlace): Promise<LedgerSeen> {
  try {
    return { rows: await readLedger(host, place), failure: null };
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.failure.reason !== "malformed") throw thrown;
    return { rows: await readableRows(host, ledgerFile(place)), failure: thrown.failure };
  }
}

/** Sets a copy of a ledger aside that cannot be read as a whole and leaves its readable rows; where the copy is, or null. */
export async function mendLedger(host: Host, place: TaskPlace): Promise<string | null> {
  return await withLock(host, ledgerLock(place.home, place.key), "mend the ledger", async () => {
    const { rows, failure } = await examineLedger(host, place);
    if (failure === null) return null;
    const { path } = ledgerFile(place);
    const aside = `${path}.broken-${isoTime(host.clock).replaceAll(/[-:.]/g, "")}`;
    await host.files.copy(path, aside);
    await host.files.replaceFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""), { durable: true });
    return aside;
  });
}

/** The newest row of each stage under this plan and cycle: the stage's state. Rows of other plans and cycles never count. */
export function stageStates(rows: readonly LedgerRow[], plan: string, cycle: number): Map<number, LedgerRow> {
  const states = new Map<number, LedgerRow>();
  for (const row of rows) if (row.plan === plan && row.cycle === cycle) states.set(row.stage, row);
  return states;
}

const sameIdentity = (a: LedgerRow, b: LedgerRow): boolean =>
  a.plan === b.plan && a.cycle === b.cycle && a.stage === b.stage && a.attempt === b.attempt && a.status === b.status;

const ledgerFile = (place: TaskPlace): RowFile<LedgerRow> => ({
  path: taskPaths(place.projectRoot, place.key).ledger,
  what: "ledger row",
  check: checkLedgerRow,
  durable: true,
  remedy: "Restore the file from a copy; or keep its other rows and write what is lost again: okstra doctor --fix",
});
