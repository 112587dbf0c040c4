/**
 * The budget ledger: what every dispatch reserved and used, in the home, in one file for each task and one for each UTC day. A row
 * is one line; both files are written under one lock, and whoever reserves reads them under it. A row that a kill left in one of
 * them is in the sums of that scope alone until the dispatch is settled, which writes both.
 */
import { checkBudgetRow } from "../generated/budget.check.js";
import { type Host, isoTime, type LockName } from "../host/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import { printKey, type TaskKey, type TokenUse } from "../model/index.ts";
import type { BudgetRow } from "./budget.schema.ts";
import {
  allowanceOf,
  type Limits,
  type Projection,
  projectionOf,
  type Standing,
  shortageOf,
  standingsOf,
  tokensOf,
  type Unit,
  type Who,
} from "./budget.ts";

/** Days that are read for projections besides today. */
const daysBack = 2;

export type BudgetPlace = { readonly host: Host; readonly home: string; readonly key: TaskKey };

const budgetLock = (home: string): LockName => ({ rank: "budget", path: homePaths(home).locks.budget });

export type ReserveAsk = {
  readonly id: string;
  /** The run's id. */
  readonly run: string;
  readonly worker: string;
  readonly who: Who;
  readonly limits: Limits;
};

export type Reservation =
  | {
      readonly granted: true;
      readonly row: BudgetRow;
      readonly allowance: Readonly<Record<Unit, number | null>>;
    }
  | { readonly granted: false; readonly shortage: Standing; readonly projection: Projection };

/** Takes what a dispatch is projected at from every limit, or says which limit it does not fit. */
export async function reserve(place: BudgetPlace, ask: ReserveAsk): Promise<Reservation> {
  const { host, home } = place;
  return await host.locks.hold(budgetLock(home), `reserve for ${ask.run}`, async () => {
    const time = isoTime(host.clock);
    const { standings, projection } = await look(place, { ...ask, day: dayOf(time) });
    const shortage = shortageOf(standings, projection);
    if (shortage !== undefined) return { granted: false, shortage, projection };
    const { pid, startTime, bootId, name: machine } = host.machine;
    const row: BudgetRow = {
      schemaVersion: 1,
      id: ask.id,
      state: "reserved",
      time,
      day: dayOf(time),
      run: ask.run,
      task: printKey(place.key),
      worker: ask.worker,
      role: ask.who.role,
      agent: ask.who.agent ?? "",
      model: ask.who.model ?? "",
      usd: projection.usd,
      tokens: projection.tokens,
      projected: true,
      holder: { machine, pid, startTime, bootId },
    };
    await append(place, row);
    return { granted: true, row, allowance: allowanceOf(standings) };
  });
}

/**
 * Puts what was used in the place of what was reserved; what an agent did not say counts as projected, or as what it was at least
 * where that is more. Gives how the limits stand.
 */
export async function settle(
  place: BudgetPlace,
  row: BudgetRow,
  used: { readonly use: TokenUse | null; readonly atLeast?: TokenUse | null; readonly limits: Limits },
): Promise<readonly Standing[]> {
  const { host, home } = place;
  return await host.locks.hold(budgetLock(home), `settle for ${row.run}`, async () => {
    const { use, atLeast = null, limits } = used;
    const least = moreOf(row, atLeast);
    // The cost of a model with a price may be unknown all the same: then it is not 0.
    const counts =
      use === null
        ? { ...least, projected: true }
        : { usd: use.costUsd ?? least.usd, tokens: tokensOf(use), projected: false };
    await append(place, { ...row, state: "settled", time: isoTime(host.clock), ...counts });
    return standingsOf(await rowsFor(place, row.day), { limits, place: row, alive: holderIsAlive(host) });
  });
}

function moreOf({ usd, tokens }: BudgetRow, atLeast: TokenUse | null): Pick<BudgetRow, "usd" | "tokens"> {
  if (atLeast === null) return { usd, tokens };
  const cost = usd === null || atLeast.costUsd === null ? usd : Math.max(usd, atLeast.costUsd);
  return { usd: cost, tokens: Math.max(tokens, tokensOf(atLeast)) };
}

/** Gives a reservation back whose agent never started. */
export async function free(place: BudgetPlace, row: BudgetRow): Promise<void> {
  const { host, home } = place;
  await host.locks.hold(budgetLock(home), `free for ${row.run}`, () =>
    append(place, { ...row, state: "freed", time: isoTime(host.clock) }),
  );
}

/** How the limits stand now and what a dispatch would be projected at. Takes no lock. `run` null: a run that is not there yet. */
export async function lookAtBudget(
  place: BudgetPlace,
  ask: { readonly run: string | null; readonly who: Who; readonly limits: Limits },
): Promise<{ readonly standings: readonly Standing[]; readonly projection: Projection }> {
  return await look(place, { ...ask, day: dayOf(isoTime(place.host.clock)) });
}

/** The task's rows by id, the last of each. */
export async function taskRows({ host, home, key }: BudgetPlace): Promise<readonly BudgetRow[]> {
  return await readRows(host, homePaths(home).budget.task(key));
}

type Look = { readonly run: string | null; readonly who: Who; readonly limits: Limits; readonly day: string };

async function look(place: BudgetPlace, { run, who, limits, day }: Look) {
  const rows = await rowsFor(place, day);
  const at = { run, task: printKey(place.key), day };
  const standings = standingsOf(rows, { limits, place: at, alive: holderIsAlive(place.host) });
  return { standings, projection: projectionOf(rows, who) };
}

/** The newest days, then the task: the same row in both is one row. */
async function rowsFor({ host, home, key }: BudgetPlace, day: string): Promise<BudgetRow[]> {
  const { days, task } = homePaths(home).budget;
  const there = (await host.files.list(days)).map((entry) => entry.name).filter((name) => name.endsWith(".jsonl"));
  const wanted = there.filter((name) => name <= `${day}.jsonl`).slice(-1 - daysBack);
  const texts = await Promise.all(wanted.map((name) => readRows(host, `${days}/${name}`)));
  return [...texts.flat(), ...(await readRows(host, task(key)))];
}

/** A line that does not parse was torn by a kill: its dispatch is settled again, or its holder is dead. */
async function readRows(host: Host, path: string): Promise<BudgetRow[]> {
  const text = (await host.files.readText(path)) ?? "";
  return text.split("\n").flatMap((line) => {
    const row = parsed(line);
    return row === undefined ? [] : [row];
  });
}

function parsed(line: string): BudgetRow | undefined {
  if (line === "") return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return checkBudgetRow(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The caller holds the budget lock. */
async function append({ host, home, key }: BudgetPlace, row: BudgetRow): Promise<void> {
  const { task, day } = homePaths(home).budget;
  for (const path of [task(key), day(row.day)]) {
    const tail = await host.files.readTail(path, 1);
    const torn = tail !== undefined && tail.length > 0 && tail[0] !== 0x0a;
    if (torn) await host.files.appendLine(path, "");
    await host.files.appendLine(path, JSON.stringify(row));
  }
}

const dayOf = (time: string): string => time.slice(0, 10);

function holderIsAlive(host: Host): (row: BudgetRow) => boolean {
  return ({ holder }) => {
    if (holder.machine !== host.machine.name) return true;
    return holder.bootId === host.machine.bootId && host.processes.alive(holder);
  };
}
