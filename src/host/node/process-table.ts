/**
 * The process table: who is there, whose child, in which group and session, since when. From /proc on Linux, from ps
 * elsewhere. A process is named by pid and start time together; a pid alone may be another process by now.
 */
import { execFileSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import type { Spawned } from "../processes.ts";

export type Row = Spawned & {
  readonly parent: number;
  readonly group: number;
  /** 0 where the system does not tell. */
  readonly session: number;
};

const linux = process.platform === "linux";

/** Start time of a process that is alive (a zombie is not), as the kernel counts it; undefined when it is gone. */
export const startTimeOf = (pid: number): string | undefined => (linux ? procRow(pid) : psRow(pid))?.startTime;

export const isAlive = (spawned: Spawned): boolean => startTimeOf(spawned.pid) === spawned.startTime;

/** The process, whether alive or a zombie not yet waited for: for the start time of a child just made. */
export function justStarted(pid: number): Spawned {
  const stat = linux ? parseStat(readStat(pid)) : psRow(pid);
  return { pid, startTime: stat?.startTime ?? "unknown" };
}

/** All processes but zombies. */
export function processTable(): Row[] {
  if (!linux) return parsePs(ps(["-axo", psColumns]));
  const rows: Row[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const row = procRow(pid);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

export const rowOf = (pid: number): Row | undefined => (linux ? procRow(pid) : psRow(pid));

/**
 * Whether the environment that the process was started with holds the entry (`name=value`, or `name=` and anything). Undefined
 * while that cannot be told: in the middle of an exec a process shows none (Linux).
 */
export function hasInEnvironment(pid: number, entry: string, whole: boolean): boolean | undefined {
  const text = linux ? readProc(pid, "environ") : ` ${ps(["-Ewwo", "command=", "-p", String(pid)])} `;
  if (text === undefined) return false;
  if (text === "" && parseStat(readStat(pid))?.mayHaveEnvironment === true) return undefined;
  const edge = linux ? "\0" : " ";
  const bounded = `${edge}${text}${edge}`;
  return bounded.includes(`${edge}${entry}${whole ? edge : ""}`);
}

/** What the process calls itself, or undefined when it is gone (Linux). */
export const nameOf = (pid: number): string | undefined => (linux ? readProc(pid, "comm")?.trimEnd() : undefined);

function procRow(pid: number): Row | undefined {
  const stat = parseStat(readStat(pid));
  return stat === undefined || stat.dead ? undefined : { pid, ...stat.row, startTime: stat.startTime };
}

const statBytes = Buffer.alloc(1024);

/** Read in one piece: a look at all processes is made at the end of each dispatch, and this is what it costs. */
function readStat(pid: number): string {
  let fd: number | undefined;
  try {
    fd = openSync(`/proc/${pid}/stat`, "r");
    return statBytes.toString("latin1", 0, readSync(fd, statBytes));
  } catch {
    return "";
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Undefined when the process is gone or belongs to somebody else. */
function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}

type Stat = {
  readonly dead: boolean;
  /** Whether an environment that reads as empty may be a look in the middle of an exec, or just before its end. */
  readonly mayHaveEnvironment: boolean;
  readonly startTime: string;
  readonly row: { readonly parent: number; readonly group: number; readonly session: number };
};

/** PF_KTHREAD. */
const kernelThread = 0x0020_0000;
/** Where env_start stands, the state being 0; env_end follows. Both are 0 in the middle of an exec. */
const environmentStart = 47;

/** Fields of /proc/<pid>/stat count from the last `)`, since a program may call itself anything. */
export function parseStat(text: string): Stat | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group, session] = fields;
  const startTime = fields[19];
  if (state === undefined || startTime === undefined) return undefined;
  const dead = state === "Z" || state === "X" || state === "x";
  const ofKernel = (Number(fields[6]) & kernelThread) !== 0;
  const [start, end] = [fields[environmentStart], fields[environmentStart + 1]];
  const isEmpty = start === end && start !== "0";
  return {
    dead,
    mayHaveEnvironment: !dead && !ofKernel && !isEmpty,
    startTime,
    row: { parent: Number(parent), group: Number(group), session: Number(session) },
  };
}

const psColumns = "pid=,ppid=,pgid=,stat=,lstart=";

function psRow(pid: number): Row | undefined {
  return parsePs(ps(["-o", psColumns, "-p", String(pid)]))[0];
}

/** The rows of `ps -o pid=,ppid=,pgid=,stat=,lstart=`; zombies left out. */
export function parsePs(text: string): Row[] {
  return text.split("\n").flatMap((line) => {
    const seen = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line);
    const startTime = seen?.[5];
    if (seen === null || startTime === undefined || seen[4]?.startsWith("Z")) return [];
    return [{ pid: Number(seen[1]), parent: Number(seen[2]), group: Number(seen[3]), session: 0, startTime }];
  });
}

/** ps exits 1 when no process matches: an empty table. */
function ps(columns: readonly string[]): string {
  try {
    return execFileSync("ps", columns, {
      encoding: "utf8",
      env: { PATH: "/bin:/usr/bin", LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (thrown) {
    if (typeof thrown === "object" && thrown !== null && "status" in thrown && thrown.status === 1) return "";
    throw thrown;
  }
}
