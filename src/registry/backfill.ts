/**
 * Refills `done` rows that a kill lost between a stage's carry and its ledger row. Only a carry that a journal
 * vouches for counts, and only while the run that wrote it is the last to have touched the stage.
 */
import { checkCarry } from "../generated/registry.check.js";
import { type Host, isoTime } from "../host/index.ts";
import { taskPaths } from "../lifecycle/index.ts";
import { appendLedger, readLedger, stageStates } from "./ledger.ts";
import { parseLine, sha256 } from "./lines.ts";
import type { TaskPlace } from "./place.ts";
import type { Carry, LedgerRow } from "./registry.schema.ts";

export type BackfillAsk = {
  /** Content hash of the approved plan. */
  readonly plan: string;
  readonly cycle: number;
  /** What `carry.written` events of the stages' runs say. */
  readonly journalCarries: readonly { readonly stage: number; readonly sha256: string }[];
  /** The commit a stage's branch points to, or undefined when it has none. */
  readonly branchHead: (stage: number) => Promise<string | undefined>;
};

/** Appends the missing `done` rows (`source: "carry-backfill"`) and gives them. The caller holds the task lock. */
export async function backfillLedger(host: Host, place: TaskPlace, ask: BackfillAsk): Promise<LedgerRow[]> {
  const added: LedgerRow[] = [];
  for (const row of await missingDoneRows(host, place, { ...ask, rows: await readLedger(host, place) }))
    if (await appendLedger(host, place, row)) added.push(row);
  return added;
}

/** The `done` rows that the ledger lacks, given the rows it has. Looks only. */
export async function missingDoneRows(
  host: Host,
  place: TaskPlace,
  { rows, ...ask }: BackfillAsk & { readonly rows: readonly LedgerRow[] },
): Promise<LedgerRow[]> {
  const paths = taskPaths(place.projectRoot, place.key);
  const missing: LedgerRow[] = [];
  for (const stage of [...new Set(ask.journalCarries.map((each) => each.stage))].sort((a, b) => a - b)) {
    const bytes = await host.files.readBytes(paths.carry(stage));
    const carry = bytes === undefined ? undefined : vouchedFor(bytes, stage, ask);
    const started = carry === undefined ? undefined : waitingRow(carry, rows);
    if (carry === undefined || started === undefined || !(await isStageHead(host, place, carry, ask))) continue;
    missing.push({
      ...started,
      status: "done",
      started_at: isoTime(host.clock),
      head_commit: carry.stageCommitRange.head,
      carry_path: paths.carryRelative(stage),
      source: "carry-backfill",
      machine: host.machine.name,
    });
  }
  return missing;
}

/** The carry in the bytes, when a journal holds their hash and every validation of it passed. */
function vouchedFor(bytes: Uint8Array, stage: number, ask: BackfillAsk): Carry | undefined {
  const hash = sha256(bytes);
  if (!ask.journalCarries.some((each) => each.stage === stage && each.sha256 === hash)) return undefined;
  const input = parseLine(bytes);
  if (!checkCarry(input) || input.stage !== stage || input.plan !== ask.plan || input.cycle !== ask.cycle) {
    return undefined;
  }
  return input.validation.every(({ exitCode }) => exitCode === 0) ? input : undefined;
}

/**
 * The `started` row of the carry's run, with the base recorded in it, when that run is the last to have touched the stage and
 * its `done` row is missing. A run that was released after it had written its carry did finish the stage.
 */
function waitingRow(carry: Carry, rows: readonly LedgerRow[]): LedgerRow | undefined {
  const state = stageStates(rows, carry.plan, carry.cycle).get(carry.stage);
  if (state?.run !== carry.run || (state.status !== "started" && state.status !== "released")) return undefined;
  const own = rows.filter((row) => row.run === carry.run && row.stage === carry.stage && row.attempt === state.attempt);
  if (own.some((row) => row.status === "done")) return undefined;
  return own.findLast((row) => row.status === "started" && row.head_commit === carry.stageCommitRange.base);
}

async function isStageHead(host: Host, place: TaskPlace, carry: Carry, ask: BackfillAsk): Promise<boolean> {
  const { base, head } = carry.stageCommitRange;
  if ((await ask.branchHead(carry.stage)) !== head) return false;
  return await host.git.isAncestor(place.projectRoot, base, head);
}
