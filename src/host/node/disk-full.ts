/**
 * Programs say in words of their own that a disk is full, or only that they could not write; then the disk itself is asked.
 */
import fs from "node:fs";
import { dirname, join } from "node:path";
import { namedGitFolder } from "../git-pointer.ts";

export const freeSpace =
  "Free space on the disk (okstra worktree list shows what okstra holds), then run the command again";

/** The system's words for ENOSPC and EDQUOT; programs are run with LC_ALL=C. */
const words = /No space left on device|Disk quota exceeded/;

/** Less than any file of git's takes with what belongs to it. */
const nothingLeft = 64 * 1024;

/** Whether a git call in `folder` that said this failed for want of space, there or where the repository lies. */
export function isDiskFull(folder: string, said: string): boolean {
  return words.test(said) || isFull(folder) || isFull(repositoryOf(folder));
}

function repositoryOf(folder: string): string {
  try {
    return namedGitFolder(folder, fs.readFileSync(join(folder, ".git"), "utf8")) ?? folder;
  } catch {
    return folder; // no linked worktree, or it is gone
  }
}

/** Of the nearest folder that exists. */
function isFull(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = fs.statfsSync(at);
      return bavail * bsize < nothingLeft;
    } catch {
      if (at === dirname(at)) return false;
    }
  }
}
