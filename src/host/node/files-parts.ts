/** Small parts of files.ts: whole writes, temporary names, syncing of folders. */
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { temporaryFileName } from "../index.ts";
import type { Spawned } from "../processes.ts";
import { codeOf } from "./errno.ts";
import { startTimeOf } from "./process-table.ts";

/** Looked up and drawn once in each process, when it first writes; a count makes the names of one process differ. */
let own: { readonly writer: Spawned; readonly part: string } | undefined;
let nameCount = 0;

/** Beside the target, hidden, used by nobody else, and recognisable when a killed process left it. */
export function temporaryName(path: string): string {
  nameCount += 1;
  own ??= {
    writer: { pid: process.pid, startTime: startTimeOf(process.pid) ?? "unknown" },
    part: randomBytes(6).toString("hex"),
  };
  return join(dirname(path), temporaryFileName(basename(path), own.writer, `${own.part}${nameCount}`));
}

/** Bigger files are read asynchronously. */
const smallFile = 1 << 18;
/** Still bigger ones not at all: nothing okstra reads as a whole comes near. */
const mostWhole = 256 * 1024 * 1024;

export function readWhole(path: string): Buffer | undefined | Promise<Buffer> {
  const file = openRegular(path);
  if (file === undefined) return undefined;
  if (file.size > smallFile) return readLarge(file);
  try {
    return readSmall(file);
  } finally {
    fs.closeSync(file.fd);
  }
}

type Opened = { readonly fd: number; readonly size: number };

/**
 * Opens a regular file for reading; undefined when there is none. Anything else is refused, and never waited for: an agent
 * may leave a pipe that nobody writes to, or a link to an endless device.
 */
export function openRegular(path: string): Opened | undefined {
  let fd: number;
  try {
    fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY);
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT" || codeOf(thrown) === "ENOTDIR") return undefined;
    throw thrown;
  }
  const seen = fs.fstatSync(fd);
  if (seen.isFile()) return { fd, size: seen.size };
  fs.closeSync(fd);
  throw seen.isDirectory() ? systemError("EISDIR", "is a folder") : systemError("EINVAL", "is not a regular file");
}

/** One read where the size is as told; files of the kernel say 0 and are read until they end. */
function readSmall({ fd, size }: Opened): Buffer {
  const bytes = Buffer.allocUnsafe(size + 1);
  const read = fs.readSync(fd, bytes, 0, size + 1, 0);
  return size > 0 && read <= size ? bytes.subarray(0, read) : fs.readFileSync(fd);
}

const systemError = (code: string, message: string): Error => Object.assign(new Error(message), { code });

async function readLarge({ fd, size }: Opened): Promise<Buffer> {
  try {
    if (size > mostWhole) throw systemError("EFBIG", `larger than ${mostWhole / 1024 / 1024} MiB`);
    return await new Promise((settle, fail) =>
      fs.readFile(fd, (error, bytes) => (error === null ? settle(bytes) : fail(error))),
    );
  } finally {
    fs.closeSync(fd);
  }
}

/** One write call for all; the kernel cuts it short only when the disk is full or at 2 GiB, and then the rest says why. */
export function writeAll(fd: number, content: string | Uint8Array): void {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  let written = 0;
  while (written < bytes.length) written += fs.writeSync(fd, bytes, written);
}

/** For clean-up after a failure that is already on its way to the caller. */
export function removeQuietly(path: string): void {
  try {
    fs.unlinkSync(path);
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
  }
}

/**
 * Makes a rename in `folder` survive a power cut; with `first`, the topmost folder just made, its ancestry too. Waits here and
 * now: most often a lock is held, and a hop to a thread and back costs those who wait for it more than the disk does.
 */
export function syncFolders(folder: string, first: string | undefined): void {
  const last = first === undefined ? folder : dirname(first);
  for (let at = folder; ; at = dirname(at)) {
    syncFolder(at);
    if (at === last || at === dirname(at)) return;
  }
}

function syncFolder(folder: string): void {
  const fd = fs.openSync(folder, "r");
  try {
    fs.fsyncSync(fd);
  } catch (thrown) {
    // Some network file systems cannot sync a folder; the rename itself is then as durable as it gets.
    if (codeOf(thrown) !== "EINVAL" && codeOf(thrown) !== "ENOTSUP") throw thrown;
  } finally {
    fs.closeSync(fd);
  }
}

/** Calls for the folder and all folders below it, parents first; links are not followed. */
export async function eachFolder(path: string, call: (folder: string) => void): Promise<void> {
  const seen = fs.lstatSync(path, { throwIfNoEntry: false });
  if (seen === undefined || !seen.isDirectory()) return;
  call(path);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await eachFolder(join(path, entry.name), call);
  }
}
