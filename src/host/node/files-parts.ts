/** Small parts of files.ts: whole writes, temporary names, syncing of folders. */
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { open, readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { codeOf } from "./errno.ts";

/** Beside the target, hidden, random, and recognisable when a killed process left it. */
export const temporaryName = (path: string): string =>
  join(dirname(path), `.${basename(path).slice(0, 180)}.${randomBytes(6).toString("hex")}.okstra-tmp`);

/** Bigger files are read asynchronously. */
const smallFile = 1 << 18;

export async function readWhole(path: string): Promise<Buffer | undefined> {
  let fd: number;
  try {
    fd = fs.openSync(path, "r");
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT" || codeOf(thrown) === "ENOTDIR") return undefined;
    throw thrown;
  }
  try {
    const { size } = fs.fstatSync(fd);
    if (size > smallFile) return await readLarge(path);
    return fs.readFileSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

const readLarge = (path: string): Promise<Buffer> => readFile(path);

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

/** Makes a rename in `folder` survive a power cut; with `first`, the topmost folder just made, its ancestry too. */
export async function syncFolders(folder: string, first: string | undefined): Promise<void> {
  const last = first === undefined ? folder : dirname(first);
  for (let at = folder; ; at = dirname(at)) {
    await syncFolder(at);
    if (at === last || at === dirname(at)) return;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (thrown) {
    // Some network file systems cannot sync a folder; the rename itself is then as durable as it gets.
    if (codeOf(thrown) !== "EINVAL" && codeOf(thrown) !== "ENOTSUP") throw thrown;
  } finally {
    await handle.close();
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
