/**
 * Ending processes for good. A process belongs to what is ended when it is one of the seeds, is in the group or session of
 * one that belongs, has a parent that belongs, or bears the mark in its environment. Daemons leave group, session and
 * parent behind, but not their environment. This process and its ancestors never belong.
 *
 * In the middle of its exec a process has no environment to be known by, so it is looked at again until it has one.
 *
 * Order: TERM to all that is found, KILL after the grace, then look again until nothing new is found, since a process may
 * fork while it is being killed.
 */
import { setTimeout as pause } from "node:timers/promises";
import { fault } from "../../model/index.ts";
import type { Spawned } from "../processes.ts";
import { killGroup, killOne } from "./group.ts";
import { hasInEnvironment, isAlive, nameOf, processTable, type Row, rowOf } from "./process-table.ts";

/** `name=value` in the environment of what is to be ended. */
export type Mark = string;

const pollMs = 10;
const longestMs = 10_000;
/** An exec reads the program from the disk. */
const longestExecMs = 2_000;

/** Settles when nothing is left; how many there were at the first look. */
export async function endAll(seeds: readonly Spawned[], graceMs: number, mark?: Mark): Promise<number> {
  if (seeds.length === 0 && mark === undefined) return 0;
  let found = await belonging(seeds, mark, []);
  const atFirst = found.length;
  if (atFirst === 0) return 0;
  signalAll(found, "SIGTERM");
  if (await awaitEnd(found, graceMs)) found = await belonging(seeds, mark, found);
  const deadline = performance.now() + longestMs;
  for (; found.length > 0; found = await belonging(seeds, mark, found)) {
    signalAll(found, "SIGKILL");
    if (performance.now() > deadline) throw cannotEnd(found);
    await awaitEnd(found, 200);
  }
  return atFirst;
}

/** Every live process that belongs to the seeds, to those `known` from an earlier look, or to the mark. */
async function belonging(seeds: readonly Spawned[], mark: Mark | undefined, known: readonly Row[]): Promise<Row[]> {
  const table = processTable();
  const byPid = new Map(table.map((row) => [row.pid, row]));
  const spared = ancestorsOf(process.pid, byPid);
  const sparedGroups = new Set([...spared].flatMap((pid) => [byPid.get(pid)?.group, byPid.get(pid)?.session]));
  const pids = new Set<number>();
  const groups = new Set<number>();
  for (const seed of [...seeds, ...known]) {
    if (spared.has(seed.pid)) continue;
    const now = byPid.get(seed.pid);
    // A pid used anew: then its old group had died out before.
    if (now !== undefined && now.startTime !== seed.startTime) continue;
    pids.add(seed.pid);
    if (!sparedGroups.has(seed.pid)) groups.add(seed.pid);
  }
  const found = new Set<Row>();
  const mayBearMark = startedSince(seeds);
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const row of table) {
      if (found.has(row) || spared.has(row.pid)) continue;
      if (!pids.has(row.pid) && !pids.has(row.parent) && !groups.has(row.group) && !groups.has(row.session)) continue;
      add(row);
    }
    if (before !== found.size || mark === undefined) continue;
    const others = table.filter((row) => !found.has(row) && !spared.has(row.pid) && mayBearMark(row));
    for (const row of await bearersOf(mark, others)) add(row);
  }
  function add(row: Row): void {
    found.add(row);
    pids.add(row.pid);
    // Only a group that its own leader made belongs as a whole, and never the one that this process is in.
    if (row.group === row.pid && !sparedGroups.has(row.group)) groups.add(row.pid);
  }
  return [...found];
}

/** Those of the processes that bear the mark; who is in the middle of an exec is waited for. */
export async function bearersOf(mark: Mark, rows: readonly Row[]): Promise<readonly Row[]> {
  const found: Row[] = [];
  const deadline = performance.now() + longestExecMs;
  for (let left = rows; left.length > 0; await pause(1)) {
    const unclear: Row[] = [];
    for (const row of left) {
      const bears = hasInEnvironment(row.pid, mark, true);
      if (bears === true) found.push(row);
      else if (bears === undefined && isAlive(row)) unclear.push(row);
    }
    if (unclear.length === 0 || performance.now() > deadline) break;
    left = unclear;
  }
  return found;
}

/**
 * Environments cost most of a look at all processes. Who has the mark has it from a seed, and so started no sooner; start times
 * that are no numbers (not of Linux) leave nobody out.
 */
function startedSince(seeds: readonly Spawned[]): (row: Row) => boolean {
  if (seeds.length === 0) return () => true;
  const first = Math.min(...seeds.map(({ startTime }) => Number(startTime)));
  return ({ startTime }) => !(Number(startTime) < first);
}

export function ancestorsOf(pid: number, byPid: ReadonlyMap<number, Row>): Set<number> {
  const found = new Set<number>([1]);
  for (let at: number | undefined = pid; at !== undefined && at > 0 && !found.has(at); at = byPid.get(at)?.parent)
    found.add(at);
  return found;
}

/**
 * Who confines others (bubblewrap) ends them at once when it ends itself. Asked by TERM are those inside; it ends after them.
 */
const holdsOthers = (row: Row): boolean => nameOf(row.pid) === "bwrap";

/** Groups first (but never that of this process, which is not its member's to end), so that a shell cannot start the next command between two signals. */
function signalAll(rows: readonly Row[], signal: NodeJS.Signals): void {
  const own = rowOf(process.pid)?.group;
  const asked = signal === "SIGTERM" ? rows.filter((row) => !holdsOthers(row)) : rows;
  for (const row of asked) {
    if (row.group === row.pid && row.group !== own && isAlive(row)) killGroup(row.pid, signal);
  }
  for (const row of asked) if (isAlive(row)) killOne(row.pid, signal);
}

/** True as soon as none of them is alive, false after `ms`. */
export async function awaitEnd(rows: readonly Spawned[], ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  for (;;) {
    if (!rows.some(isAlive)) return true;
    const left = deadline - performance.now();
    if (left <= 0) return false;
    await pause(Math.min(pollMs, left));
  }
}

const cannotEnd = (rows: readonly Row[]) =>
  fault(
    "agent-failed",
    `Processes do not end: ${rows.map((row) => row.pid).join(", ")}`,
    `End them by hand: kill -9 ${rows.map((row) => row.pid).join(" ")}`,
    { pids: rows.map((row) => row.pid) },
  );
