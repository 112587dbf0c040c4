/**
 * Refuses to add a tree that the disk has no room for. Adding up a tree's blobs takes git seconds in huge repositories, so the
 * first answer is a generous bound from two file sizes that cost a few stat calls: the main worktree's index (one entry of
 * some 90 bytes a file, 64 KiB counted for each) and the packs (eight times, as text packs that well). Only when free space
 * is below that bound are the blobs counted exactly. A repository that is not packed and has few huge files passes the
 * bound wrongly; then filling itself fails with `disk-full` and is undone.
 */
import { join } from "node:path";
import type { Host, Repository } from "../host/index.ts";
import { fault } from "../model/index.ts";

const mebibyte = 1024 * 1024;
/** Left free beside the tree, for indexes, logs and what runs write. */
const reserve = 64 * mebibyte;
const block = 4096;

/** Throws `disk-full` when a tree of `commit` does not fit on the file system of `path`. */
export async function requireSpace(
  host: Host,
  tree: { repository: Repository; commit: string; path: string },
): Promise<void> {
  const free = await host.files.freeBytes(tree.path);
  if (free >= reserve + (await bound(host, tree.repository.commonDir))) return;
  const needed = reserve + (await exactBytes(host, tree.repository.mainRoot, tree.commit));
  if (free >= needed) return;
  throw fault(
    "disk-full",
    `A worktree at ${tree.path} needs ${inMebibytes(needed)} and the disk has ${leftOf(free)} left`,
    "Free space on that disk (okstra worktree list shows what okstra holds)",
    { path: tree.path, neededBytes: needed, freeBytes: free },
  );
}

async function bound(host: Host, commonDir: string): Promise<number> {
  const index = await host.files.look(join(commonDir, "index"));
  const packFolder = join(commonDir, "objects", "pack");
  const packs = (await host.files.list(packFolder)).filter((entry) => entry.name.endsWith(".pack"));
  const sizes = await Promise.all(
    packs.map(async (pack) => (await host.files.look(join(packFolder, pack.name)))?.size ?? 0),
  );
  return ((index?.size ?? 0) / 90) * 64 * 1024 + 8 * sizes.reduce((sum, size) => sum + size, 0);
}

/** The blobs of a commit, each rounded up to whole blocks. */
async function exactBytes(host: Host, repository: string, commit: string): Promise<number> {
  const listing = await host.git.plain(repository, "ls-tree", "-r", "--format=%(objectsize)", commit);
  return listing
    .split("\n")
    .reduce((sum, line) => sum + Math.ceil((Number.parseInt(line, 10) || 0) / block) * block, 0);
}

const inMebibytes = (bytes: number): string => `${Math.ceil(bytes / mebibyte)} MiB`;
const leftOf = (bytes: number): string => `${Math.floor(bytes / mebibyte)} MiB`;
