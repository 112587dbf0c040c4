/** Who works in a folder: processes whose present folder or program lies in it. From /proc on Linux, from lsof elsewhere. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { relative, sep } from "node:path";
import type { Inside } from "../processes.ts";
import { startTimeOf } from "./process-table.ts";

/** `folder` with its links resolved; this very process is not among them. Processes of other users cannot be seen. */
export function processesInside(folder: string): Inside[] {
  const seen = process.platform === "linux" ? procInside(folder) : lsofInside(folder);
  return seen.filter(({ pid }) => pid !== process.pid);
}

function procInside(folder: string): Inside[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const at = [linkOf(name, "cwd"), linkOf(name, "exe")];
    if (!at.some((path) => path !== undefined && isAtOrBelow(folder, path))) return [];
    return named(Number(name), nameOf(name));
  });
}

function named(pid: number, program: string): Inside[] {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? [] : [{ pid, startTime, program }];
}

/** `-F` prints a field a line: p<pid>, c<program>, n<path>. */
function lsofInside(folder: string): Inside[] {
  const found: Inside[] = [];
  let [pid, program] = [0, ""];
  for (const line of lsof().split("\n")) {
    const value = line.slice(1);
    if (line.startsWith("p")) pid = Number(value);
    else if (line.startsWith("c")) program = value;
    else if (line.startsWith("n") && isAtOrBelow(folder, value)) found.push(...named(pid, program));
  }
  return found;
}

function lsof(): string {
  const args = ["-w", "-d", "cwd", "-F", "pcn"];
  const done = spawnSync("lsof", args, {
    encoding: "utf8",
    env: { PATH: "/usr/bin:/usr/sbin:/bin:/sbin", LC_ALL: "C" },
    maxBuffer: 64 * 1024 * 1024,
  });
  // lsof exits 1 where it could not look at somebody else's process.
  if (done.error !== undefined) throw done.error;
  return done.stdout;
}

/** Undefined when the process is gone or belongs to somebody else. */
function linkOf(pid: string, name: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/${name}`).replace(/ \(deleted\)$/, "");
  } catch {
    return undefined;
  }
}

function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trimEnd();
  } catch {
    return "a process"; // it ended meanwhile
  }
}

function isAtOrBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`));
}
