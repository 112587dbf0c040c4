/**
 * The lock for machines where flock cannot be loaded: link(2), which makes a name only if it is not there.
 *
 * Names, beside the lock path L: a mark `L.mark.<pid>.<nonce>` says who tries (nonce, pid, start time, boot, pid space),
 * whole before it is linked anywhere; `L.held` is a hard link to the holder's mark; `L.heir.<nonce>` is a hard link to the
 * mark of the one who may clear away what the dead owner of <nonce> left.
 *
 * - Taken: link(mark, L.held) succeeds. Freed: the holder unlinks L.held. A nonce is used for one attempt and never again.
 * - A holder is cleared away only when proven dead: another boot, or the same pid space and no process with this pid and
 *   start time. Dead stays dead.
 * - Clearing needs the right to it: heir(n) = link(mark, L.heir.<n>), made by one process only. If the heir is itself
 *   proven dead, the right passes on to heir(heir's nonce), and so on: the last of the chain, alive, is the only one with
 *   the right. It reads L.held again and unlinks it only if the nonce is still n. Nobody else can unlink it in between: its
 *   holder is dead, and the right is held by one. Had it been cleared before, the nonce has gone for ever, and the
 *   comparison fails. So a live holder's lock is never removed.
 * - Heir links are removed only by a process while it holds L. Then L.held names a live process, so every heir link in
 *   existence belongs to a nonce that is gone or can never be held; links for the remover's own death are made only after
 *   its death, when it removes nothing. So no right in use is ever taken away.
 * - A kill at any point leaves either a mark of a dead process (swept), a held link of a dead process (cleared by its
 *   heir), or an heir link of a dead process (inherited).
 */
import { randomBytes } from "node:crypto";
import { linkSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { codeOf, fileFault } from "./errno.ts";
import { makeFolders } from "./folders.ts";
import type { LockBackend, Taken, Wait } from "./lock-backend.ts";
import { provenDead, thisProcess } from "./lock-owner.ts";
import { startTimeOf } from "./process-table.ts";

type Mark = {
  readonly nonce: string;
  readonly pid: number;
  readonly startTime: string;
  readonly bootId: string;
  readonly space: string;
};

const longestPauseMs = 8;

export const linkBackend: LockBackend = {
  tryTake: (path) => guardedTake(path),
  async wait(path: string, wait: Wait): Promise<Taken | undefined> {
    for (let pauseMs = 0.5; !wait.abandoned; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const taken = guardedTake(path);
      if (taken !== undefined) return taken;
      await pause(pauseMs * (0.5 + Math.random()));
    }
    return undefined;
  },
};

function guardedTake(path: string): Taken | undefined {
  try {
    return tryTake(path);
  } catch (thrown) {
    throw fileFault(thrown, "lock", path);
  }
}

function tryTake(path: string): Taken | undefined {
  const held = `${path}.held`;
  // Looked at before any write, so that waiting costs one read.
  const before = readMark(held);
  if (before !== undefined && !provenDead(before)) return undefined;
  const mark = makeMark(path);
  try {
    if (before !== undefined) clearAway(path, before, mark);
    if (!linked(mark.file, held)) return undefined;
  } finally {
    unlinkIfThere(mark.file);
  }
  if (before !== undefined) sweep(path);
  return { fresh: true, free: () => unlinkSync(held) };
}

/** Removes the dead holder's link if this process gets the right to. */
function clearAway(path: string, dead: Mark, mark: { file: string; nonce: string }): void {
  if (!inherits(path, dead, mark)) return;
  if (readMark(`${path}.held`)?.nonce === dead.nonce) unlinkSync(`${path}.held`);
}

/** Whether this process is the one that may clear away what `dead` left. */
function inherits(path: string, dead: Mark, mark: { file: string; nonce: string }): boolean {
  for (let ancestor = dead; ; ) {
    const heirPath = `${path}.heir.${ancestor.nonce}`;
    if (linked(mark.file, heirPath)) return true;
    const heir = readMark(heirPath);
    // Gone: swept by a holder, so the dead one was cleared long ago.
    if (heir === undefined || !provenDead(heir)) return false;
    ancestor = heir;
  }
}

/** Only while holding the lock: removes heir links, and marks of dead processes. */
function sweep(path: string): void {
  const folder = dirname(path);
  const name = basename(path);
  for (const entry of readdirSync(folder)) {
    const file = join(folder, entry);
    if (entry.startsWith(`${name}.heir.`)) unlinkIfThere(file);
    if (!entry.startsWith(`${name}.mark.`)) continue;
    const mark = readMark(file);
    if (mark === undefined ? isAbandoned(entry) : provenDead(mark)) unlinkIfThere(file);
  }
}

/** A mark without content: its maker was killed while writing it, or is just writing it. */
const isAbandoned = (entry: string): boolean => {
  const pid = Number(entry.split(".").at(-2));
  return Number.isInteger(pid) && startTimeOf(pid) === undefined;
};

function makeMark(path: string): { file: string; nonce: string } {
  const nonce = randomBytes(12).toString("hex");
  const file = `${path}.mark.${process.pid}.${nonce}`;
  const text = JSON.stringify({ nonce, ...thisProcess() } satisfies Mark);
  try {
    writeFileSync(file, text, { flag: "wx", mode: 0o600 });
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT") throw thrown;
    makeFolders(dirname(path));
    writeFileSync(file, text, { flag: "wx", mode: 0o600 });
  }
  return { file, nonce };
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === "EEXIST") return false;
    throw thrown;
  }
}

function readMark(file: string): Mark | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
  return parseMark(text);
}

function parseMark(text: string): Mark | undefined {
  if (!text.endsWith("}")) return undefined;
  const seen: unknown = JSON.parse(text);
  return isMark(seen) ? seen : undefined;
}

function isMark(seen: unknown): seen is Mark {
  if (typeof seen !== "object" || seen === null || !("pid" in seen) || typeof seen.pid !== "number") return false;
  return (["nonce", "startTime", "bootId", "space"] as const).every(
    (key) => key in seen && typeof (seen as Record<string, unknown>)[key] === "string",
  );
}

function unlinkIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT") throw thrown;
  }
}
