/** What `okstra worktree list` shows: the registry's trees and how they stand on disk. */
import type { Host } from "../host/index.ts";
import type { Registry, RegistryEntry } from "../registry/registry.schema.ts";

export type ListedTree = {
  /** `p/g/t` or `p/g/t#stage-<N>`. */
  readonly key: string;
  readonly stage: number | null;
  readonly path: string;
  readonly branch: string;
  readonly baseRef: string;
  readonly status: RegistryEntry["status"];
  /** False when the folder is gone; what is only known of a folder is null then. */
  readonly present: boolean;
  readonly head: string | null;
  /** Bytes on disk; what is linked from elsewhere is not counted. */
  readonly diskBytes: number | null;
  /** Whether files are changed or untracked; null also while the tree is being filled. */
  readonly dirty: boolean | null;
  /** Whether the branch lies in the one it is meant for: a stage's in the task branch, a task's in its base. */
  readonly merged: boolean | null;
};

/** Those the filter lets through, in the order of their keys. */
export async function listTrees(
  host: Host,
  registry: Registry,
  wanted: (key: string) => boolean = () => true,
): Promise<ListedTree[]> {
  const keys = Object.keys(registry.entries).filter(wanted).sort();
  const listed: ListedTree[] = [];
  for (const key of keys) {
    const entry = registry.entries[key];
    if (entry !== undefined) listed.push(await stand(host, registry, { key, entry }));
  }
  return listed;
}

type Keyed = { readonly key: string; readonly entry: RegistryEntry };

async function stand(host: Host, registry: Registry, { key, entry }: Keyed): Promise<ListedTree> {
  const { worktreePath: path, branch, baseRef, status, stage, repository } = entry;
  const present = (await host.files.look(path)) !== undefined;
  const head = present ? (await host.git.head(path))?.commit : await host.git.resolve(repository, refOf(branch));
  const seen = !present || head === undefined || status === "pending" ? undefined : await host.git.status(path);
  return {
    key,
    stage,
    path,
    branch,
    baseRef,
    status,
    present,
    head: head ?? null,
    diskBytes: present ? await host.files.usedBytes(path) : null,
    dirty: seen === undefined ? null : seen.changed.length + seen.untracked.length > 0,
    merged: head === undefined ? null : await isMerged(host, registry, { key, entry, head }),
  };
}

async function isMerged(
  host: Host,
  registry: Registry,
  of: Keyed & { readonly head: string },
): Promise<boolean | null> {
  const { key, entry, head } = of;
  const task = registry.entries[key.split("#")[0] ?? key];
  const target = entry.stage === null ? entry.baseRef : task === undefined ? undefined : refOf(task.branch);
  const commit = target === undefined ? undefined : await host.git.resolve(entry.repository, `${target}^{commit}`);
  return commit === undefined ? null : await host.git.isAncestor(entry.repository, head, commit);
}

const refOf = (branch: string): string => `refs/heads/${branch}`;
