/**
 * Files that are opened again and again (locks and their owner records), kept open between uses: opening and closing cost
 * more than all else a lock does. A file is lent to one user at a time; few are kept, the one unused longest goes first.
 * Kept files are close-on-exec like all files Node opens, so no child holds them.
 */
import { closeSync, constants, fstatSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { codeOf } from "./errno.ts";
import { makeFolders } from "./folders.ts";

export type KeptFile = {
  readonly fd: number;
  readonly inode: number;
  readonly device: number;
  readonly fresh: boolean;
};

const mostKept = 24;
const kept = new Map<string, KeptFile>();

/** The file, opened read-write and made if need be (0600), folders too. Give it back by `giveBack` or `discard`. */
export function borrow(path: string): KeptFile {
  const known = kept.get(path);
  if (known === undefined) return open(path);
  kept.delete(path);
  return known.fresh ? { ...known, fresh: false } : known;
}

export function giveBack(path: string, file: KeptFile): void {
  const other = kept.get(path);
  if (other !== undefined) closeSync(other.fd);
  kept.delete(path);
  kept.set(path, file);
  if (kept.size <= mostKept) return;
  for (const [oldest, { fd }] of kept) {
    kept.delete(oldest);
    closeSync(fd);
    return;
  }
}

export const discard = (file: KeptFile): void => closeSync(file.fd);

/** Whether the path still names this file; a person may have deleted or moved it, and others have made a new one. */
export function isStill(path: string, file: KeptFile): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now !== undefined && now.ino === file.inode && now.dev === file.device;
}

function open(path: string): KeptFile {
  const fd = openOrMake(path);
  const { ino, dev } = fstatSync(fd);
  return { fd, inode: ino, device: dev, fresh: true };
}

function openOrMake(path: string): number {
  const flags = constants.O_RDWR | constants.O_CREAT;
  try {
    return openSync(path, flags, 0o600);
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT") throw thrown;
    makeFolders(dirname(path));
    return openSync(path, flags, 0o600);
  }
}
