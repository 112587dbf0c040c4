/**
 * The owner record beside a lock (`<lock>.owner`): who holds it, for those who wait and for read commands. It is a hint; the
 * lock itself decides. Written in place in one write of fixed length, so that a reader never meets a mixture, and blanked
 * before the lock is freed. A record whose process is gone counts as free.
 */
import { readFileSync, readlinkSync, writeSync } from "node:fs";
import { codeOf, fileFault } from "./errno.ts";
import { borrow, discard, giveBack, isStill, type KeptFile } from "./kept-files.ts";
import { bootId } from "./machine.ts";
import { isAlive, startTimeOf } from "./process-table.ts";

export type OwnerRecord = {
  readonly pid: number;
  readonly startTime: string;
  readonly bootId: string;
  /** The pid's name space: a pid of another container says nothing here. */
  readonly space: string;
  readonly purpose: string;
  readonly since: string;
};

/** Room for the longest purpose with every character escaped or of three bytes. */
const recordBytes = 1024;
const longestPurpose = 100;

let self: Pick<OwnerRecord, "pid" | "startTime" | "bootId" | "space"> | undefined;

/** What names this very process. */
export function thisProcess(): Pick<OwnerRecord, "pid" | "startTime" | "bootId" | "space"> {
  self ??= { pid: process.pid, startTime: startTimeOf(process.pid) ?? "unknown", bootId: bootId(), space: pidSpace() };
  return self;
}

/** Whether the process is certainly gone; when that cannot be known (another container) it is not. */
export function provenDead(seen: Pick<OwnerRecord, "pid" | "startTime" | "bootId" | "space">): boolean {
  const here = thisProcess();
  if (seen.bootId !== here.bootId) return true;
  return seen.space === here.space && !isAlive(seen);
}

/**
 * Writes the record; the returned function blanks it again. Unless `fresh`, the file is taken to be the one written last.
 */
export function writeOwner(lockPath: string, purpose: string, fresh: boolean): () => void {
  const path = `${lockPath}.owner`;
  const file = openOwner(path, fresh);
  try {
    const record: OwnerRecord = {
      ...thisProcess(),
      purpose: purpose.slice(0, longestPurpose),
      since: new Date().toISOString(),
    };
    writeRecord(file.fd, JSON.stringify(record));
  } catch (thrown) {
    discard(file);
    throw fileFault(thrown, "write", path);
  }
  return () => {
    writeRecord(file.fd, "");
    giveBack(path, file);
  };
}

/** Records that wait for the turn of the loop in which they are written. */
const later = new Map<string, () => void>();

/**
 * The same for a lock that is nearly always free again before anybody could ask: written in the next turn of the loop, or as
 * soon as this process itself asks. A record that cannot be written then is none; the lock holds without it.
 */
export function writeOwnerLater(lockPath: string, purpose: string, fresh: boolean): () => void {
  let blank = (): void => undefined;
  const write = (): void => {
    later.delete(lockPath);
    clearImmediate(turn);
    try {
      blank = writeOwner(lockPath, purpose, fresh);
    } catch {
      // As the comment above says.
    }
  };
  const turn = setImmediate(write);
  later.set(lockPath, write);
  return () => {
    if (later.delete(lockPath)) clearImmediate(turn);
    else blank();
  };
}

function openOwner(path: string, fresh: boolean): KeptFile {
  try {
    const file = borrow(path);
    if (!fresh || file.fresh || isStill(path, file)) return file;
    discard(file);
    return borrow(path);
  } catch (thrown) {
    throw fileFault(thrown, "open", path);
  }
}

/** What the record says of who holds the lock, or undefined when nobody (alive) does. */
export function holderOf(lockPath: string): OwnerRecord | undefined {
  later.get(lockPath)?.();
  const record = readOwner(lockPath);
  return record === undefined || provenDead(record) ? undefined : record;
}

/** The same as a short phrase. */
export function ownerOf(lockPath: string): string | undefined {
  const record = holderOf(lockPath);
  if (record === undefined) return undefined;
  return `${record.purpose} (pid ${record.pid}, since ${record.since})`;
}

function readOwner(lockPath: string): OwnerRecord | undefined {
  try {
    return parseOwner(readFileSync(`${lockPath}.owner`, "utf8"));
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT" || codeOf(thrown) === "ENOTDIR") return undefined;
    throw fileFault(thrown, "read", `${lockPath}.owner`);
  }
}

/** The record in the text; undefined for a blank, torn or foreign one. */
export function parseOwner(text: string): OwnerRecord | undefined {
  let seen: unknown;
  try {
    seen = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isOwner(seen) ? seen : undefined;
}

function isOwner(seen: unknown): seen is OwnerRecord {
  if (typeof seen !== "object" || seen === null || !("pid" in seen) || typeof seen.pid !== "number") return false;
  return (["startTime", "bootId", "space", "purpose", "since"] as const).every(
    (key) => key in seen && typeof (seen as Record<string, unknown>)[key] === "string",
  );
}

/** All writes of records have one length and share this buffer; they never wait, so they never meet. */
const bytes = Buffer.alloc(recordBytes);

function writeRecord(fd: number, text: string): void {
  bytes.fill(" ", bytes.write(text));
  bytes[recordBytes - 1] = 0x0a;
  writeSync(fd, bytes, 0, recordBytes, 0);
}

function pidSpace(): string {
  return process.platform === "linux" ? readlinkSync("/proc/self/ns/pid") : "";
}
