/**
 * Files, for real. What must stay true: a reader sees a whole old file or a whole new one; a temporary file is never left
 * by a call that failed, and one left by a killed process is known by its name (../temporary.ts); links are
 * removed, never followed, by removal.
 *
 * Small files are read and replaced, and folders listed, by synchronous calls: one costs 5 to 10 us, a trip through the thread
 * pool 30 to 60, and most happen under a lock that others wait for. What waits for the disk (fsync, big files, trees) is asynchronous.
 */
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { cp, mkdtemp, rm, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Entry, Files } from "../files.ts";
import { usedBytes } from "./disk-use.ts";
import { codeOf, guarded } from "./errno.ts";
import {
  eachFolder,
  openRegular,
  readWhole,
  removeQuietly,
  syncFolders,
  temporaryName,
  writeAll,
} from "./files-parts.ts";
import { folderState } from "./folder-state.ts";
import { makeFolders, withFolder } from "./folders.ts";
import { watchFile } from "./watch.ts";

export function nodeFiles(temporaryFolder: string): Files {
  return {
    readText: (path) => guarded("read", path, () => readText(path)),
    readBytes: (path) => guarded("read", path, () => readWhole(path)),
    readTail: (path, bytes) => guarded("read", path, () => readTail(path, bytes)),
    look: (path) => guarded("look at", path, () => look(path)),
    list: (path) => guarded("list", path, () => list(path)),
    realPath: (path) => guarded("resolve", path, async () => absentAs(undefined, () => fs.realpathSync.native(path))),
    replaceFile: (path, content, options) =>
      guarded("write", path, () => replaceFile(path, content, options?.durable ?? false, options?.mode)),
    createFile: (path, content, options) => guarded("write", path, () => createFile(path, content, options?.mode)),
    appendLine: (path, line, options) => guarded("append to", path, () => appendLine(path, line, options?.durable)),
    sync: (path) => guarded("write", path, () => sync(path)),
    makeFolder: (path, options) =>
      guarded("make folder", path, async () => {
        makeFolders(path, options?.mode);
      }),
    rename: (from, to) => guarded("rename to", to, async () => fs.renameSync(from, to)),
    removeFile: (path) => guarded("remove", path, async () => absentAs(undefined, () => fs.unlinkSync(path))),
    removeTree: (path) => guarded("remove", path, () => removeTree(path)),
    removeEmptyFolder: (path) => guarded("remove", path, async () => removeEmptyFolder(path)),
    copy: (from, to) => guarded("copy to", to, () => copy(from, to)),
    link: (target, path) =>
      guarded("link", path, async () => {
        withFolder(path, () => fs.symlinkSync(target, path));
      }),
    readLink: (path) => guarded("read", path, async () => readLink(path)),
    hash: (path) => guarded("read", path, () => hash(path)),
    freeBytes: (path) => guarded("look at", path, () => freeBytes(path)),
    usedBytes: (path) => guarded("look at", path, () => usedBytes(path)),
    folderState: (path, since) => guarded("look at", path, () => folderState(path, since)),
    makeTemporaryFolder: (prefix) =>
      guarded("make folder", temporaryFolder, () => mkdtemp(join(temporaryFolder, prefix))),
    watch: watchFile,
  };
}

function readText(path: string): string | undefined | Promise<string> {
  const bytes = readWhole(path);
  return bytes instanceof Promise ? bytes.then((later) => later.toString("utf8")) : bytes?.toString("utf8");
}

async function replaceFile(path: string, content: string | Uint8Array, durable: boolean, mode = 0o666): Promise<void> {
  const temporary = temporaryName(path);
  const made = withFolder(path, () => fs.openSync(temporary, "wx", mode));
  let fd: number | undefined = made.value;
  try {
    // The umask must not weaken or widen a mode that was asked for (0600 stays 0600 either way; 0755 stays 0755).
    if (mode !== 0o666) fs.fchmodSync(fd, mode);
    writeAll(fd, content);
    if (durable) await syncContent(fd, content);
    fs.closeSync(fd);
    fd = undefined;
    fs.renameSync(temporary, path);
  } catch (thrown) {
    if (fd !== undefined) fs.closeSync(fd);
    removeQuietly(temporary);
    throw thrown;
  }
  if (durable) syncFolders(dirname(path), made.first);
}

/** What is small is on the disk before a thread could have begun with it; what is not must not hold up everything else. */
async function syncContent(fd: number, content: string | Uint8Array): Promise<void> {
  if (content.length > 65_536) await syncFile(fd);
  else fs.fsyncSync(fd);
}

/** Written aside and linked into place, so that nobody ever reads half of it. */
async function createFile(path: string, content: string, mode = 0o666): Promise<boolean> {
  const temporary = temporaryName(path);
  const { value: fd } = withFolder(path, () => fs.openSync(temporary, "wx", mode));
  try {
    try {
      if (mode !== 0o666) fs.fchmodSync(fd, mode);
      writeAll(fd, content);
    } finally {
      fs.closeSync(fd);
    }
    fs.linkSync(temporary, path);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === "EEXIST") return false;
    if (!noHardLinks.has(codeOf(thrown) ?? "")) throw thrown;
    return createInPlace(path, content, mode);
  } finally {
    removeQuietly(temporary);
  }
}

/** File systems without hard links (exFAT, some network mounts) answer with one of these. */
const noHardLinks = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

function createInPlace(path: string, content: string, mode: number): boolean {
  let fd: number;
  try {
    fd = fs.openSync(path, "wx", mode);
  } catch (thrown) {
    if (codeOf(thrown) === "EEXIST") return false;
    throw thrown;
  }
  try {
    writeAll(fd, content);
  } catch (thrown) {
    removeQuietly(path);
    throw thrown;
  } finally {
    fs.closeSync(fd);
  }
  return true;
}

async function appendLine(path: string, line: string, durable = false): Promise<void> {
  if (line.includes("\n")) throw new Error(`a line for ${path} holds a line break`);
  const fresh = durable && !fs.existsSync(path);
  const { value: fd, first } = withFolder(path, () => fs.openSync(path, "a", 0o666));
  try {
    writeAll(fd, `${line}\n`);
    if (durable) await syncFile(fd);
  } finally {
    fs.closeSync(fd);
  }
  if (fresh) syncFolders(dirname(path), first);
}

async function sync(path: string): Promise<void> {
  const fd = fs.openSync(path, "r");
  try {
    await syncFile(fd);
  } finally {
    fs.closeSync(fd);
  }
}

async function readTail(path: string, bytes: number): Promise<Uint8Array | undefined> {
  const file = openRegular(path);
  if (file === undefined) return undefined;
  const { fd, size } = file;
  try {
    const wanted = Buffer.alloc(Math.min(bytes, size));
    for (let filled = 0; filled < wanted.length; ) {
      const at = size - wanted.length + filled;
      const read = fs.readSync(fd, wanted, filled, wanted.length - filled, at);
      if (read === 0) return wanted.subarray(0, filled);
      filled += read;
    }
    return wanted;
  } finally {
    fs.closeSync(fd);
  }
}

function look(path: string): Awaited<ReturnType<Files["look"]>> {
  const seen = absentAs(undefined, () => fs.lstatSync(path));
  if (seen === undefined) return undefined;
  return { kind: kindOf(seen), size: seen.size, mtimeMs: seen.mtimeMs, mode: seen.mode & 0o7777 };
}

function list(path: string): readonly Entry[] {
  const seen = absentAs([], () => fs.readdirSync(path, { withFileTypes: true }));
  return seen
    .map((entry) => ({ name: entry.name, kind: kindOf(entry) }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

type Kinded = { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean };
const kindOf = (seen: Kinded): Entry["kind"] =>
  seen.isFile() ? "file" : seen.isDirectory() ? "folder" : seen.isSymbolicLink() ? "link" : "other";

/** Folders without write permission (module caches) are opened up and tried once more. */
async function removeTree(path: string): Promise<void> {
  const bare = path.replace(/(?<=.)\/+$/, "");
  try {
    await rm(bare, { recursive: true, force: true });
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === "ENOTDIR") return;
    if (code !== "EACCES" && code !== "EPERM" && code !== "ENOTEMPTY") throw thrown;
    await eachFolder(bare, (folder) => fs.chmodSync(folder, 0o700));
    await rm(bare, { recursive: true, force: true });
  }
}

function removeEmptyFolder(path: string): boolean {
  try {
    fs.rmdirSync(path);
    return true;
  } catch (thrown) {
    if (["ENOENT", "ENOTEMPTY", "EEXIST"].includes(codeOf(thrown) ?? "")) return false;
    throw thrown;
  }
}

/** Copied aside (as a clone where the file system can) and renamed into place, so that no half copy is ever seen. */
async function copy(from: string, to: string): Promise<void> {
  const temporary = temporaryName(to);
  makeFolders(dirname(to));
  try {
    const mode = fs.constants.COPYFILE_FICLONE;
    await cp(from, temporary, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, mode });
    fs.renameSync(temporary, to);
  } catch (thrown) {
    await rm(temporary, { recursive: true, force: true });
    throw thrown;
  }
}

function readLink(path: string): string | undefined {
  try {
    return fs.readlinkSync(path);
  } catch (thrown) {
    // EINVAL: something is there that is no link.
    if (absent(thrown) || codeOf(thrown) === "EINVAL") return undefined;
    throw thrown;
  }
}

async function hash(path: string): Promise<string | undefined> {
  const file = openRegular(path);
  if (file === undefined) return undefined;
  const { fd } = file;
  const digest = createHash("sha256");
  for await (const chunk of fs.createReadStream(path, { fd, highWaterMark: 1 << 18 })) digest.update(chunk);
  return digest.digest("hex");
}

async function freeBytes(path: string): Promise<number> {
  for (let at = path; ; at = dirname(at)) {
    const seen = await absentAsync(undefined, () => statfs(at));
    if (seen !== undefined) return seen.bavail * seen.bsize;
    if (at === dirname(at)) throw new Error(`no folder above ${basename(path)} exists`);
  }
}

const syncFile = (fd: number): Promise<void> =>
  new Promise((settle, fail) => fs.fsync(fd, (error) => (error === null ? settle() : fail(error))));

const absent = (thrown: unknown): boolean => codeOf(thrown) === "ENOENT" || codeOf(thrown) === "ENOTDIR";

function absentAs<T>(otherwise: T, body: () => T): T {
  try {
    return body();
  } catch (thrown) {
    if (absent(thrown)) return otherwise;
    throw thrown;
  }
}

async function absentAsync<T, U>(otherwise: U, body: () => Promise<T>): Promise<T | U> {
  try {
    return await body();
  } catch (thrown) {
    if (absent(thrown)) return otherwise;
    throw thrown;
  }
}
