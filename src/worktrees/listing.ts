/** What `okstra worktree list` shows: the registry's trees and how they stand on disk. */
import type { Host } from "../host/index.ts";
import type { Registry, RegistryEntry } from "../registry/registry.schema.ts";

export type ListedTree = {
  readonly key: string;
  readonly path: string;
  readonly branch: string;
  readonly status: RegistryEntry["status"];
  readonly stage: number | null;
  readonly slot: number;
  /** False when the folder is gone. */
  readonly present: boolean;
  readonly head: string | null;
  /** Files that are changed or untracked; null when the folder is gone or was never filled. */
  readonly uncommitted: number | null;
};

/** In the order of their keys. */
export async function listTrees(host: Host, registry: Registry): Promise<ListedTree[]> {
  const entries = Object.entries(registry.entries).sort(([a], [b]) => (a < b ? -1 : 1));
  const listed: ListedTree[] = [];
  for (const [key, entry] of entries) listed.push(await stand(host, key, entry));
  return listed;
}

async function stand(host: Host, key: string, entry: RegistryEntry): Promise<ListedTree> {
  const { worktreePath: path, branch, status, stage, slot } = entry;
  const present = (await host.files.look(path)) !== undefined;
  const head = present ? await host.git.head(path) : undefined;
  const seen = head === undefined || status === "pending" ? undefined : await host.git.status(path);
  return {
    key,
    path,
    branch,
    status,
    stage,
    slot,
    present,
    head: head?.commit ?? null,
    uncommitted: seen === undefined ? null : seen.changed.length + seen.untracked.length,
  };
}
