/** Where a test that makes thousands of files, and asks nothing of a disk, makes them. */
import { existsSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";

const gib = 1024 ** 3;

/** A file system in memory that has room, else the usual temporary folder. */
export function memoryFolder(): string {
  const folder = "/dev/shm";
  if (!existsSync(folder)) return tmpdir();
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= gib ? folder : tmpdir();
}
