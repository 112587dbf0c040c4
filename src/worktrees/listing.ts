/**
 * What `okstra worktree list` shows: the registry's trees and how they stand. Git is asked a few times for each repository and not
 * for each tree, so that five hundred trees are told at once; what only a look into every tree can tell is told of few, or on request.
 */
import type { Host } from "../host/index.ts";
import { Fault } from "../model/index.ts";
import { type HolderState, holderState } from "../registry/index.ts";
import type { Registry, RegistryEntry } from "../registry/registry.schema.ts";
import { gate } from "./gate.ts";
import { historyOf } from "./history.ts";

export type ListedTree = {
  /** `p/g/t`, `p/g/t#stage-<N>` or `p/g/t#merge-stage-<N>`. */
  readonly key: string;
  readonly stage: number | null;
  readonly path: string;
  readonly branch: string;
  readonly baseRef: string;
  /** The commit that it was made from. */
  readonly baseCommit: string;
  readonly status: RegistryEntry["status"];
  /** Who holds a stage's tree; null while nobody does, and for a task's, which belongs to the task. */
  readonly holder: { readonly run: string; readonly state: HolderState } | null;
  /** False when the folder is gone; what is only known of a folder is null then. */
  readonly present: boolean;
  readonly head: string | null;
  /** Bytes on disk, where they were asked for; what is linked from elsewhere is not counted. */
  readonly diskBytes: number | null;
  /** Whether files are changed or untracked; null where nobody looked, and while the tree is being filled. */
  readonly dirty: boolean | null;
  /**
   * Whether the branch lies in the one it is meant for: a stage's in the task branch, a task's in its base. Null while it has no
   * commit of its own.
   */
  readonly merged: boolean | null;
  /** Whether a branch of a remote holds it, as last seen; null without a commit. */
  readonly pushed: boolean | null;
};

export type ListAsk = {
  readonly wanted?: (key: string) => boolean;
  /** Looks into every tree, also of many: how much disk it takes, and whether files are changed. */
  readonly disk?: boolean;
};

/** Of so many trees each is looked into for changes without being asked. */
const few = 40;

/** Those the filter lets through, in the order of their keys. */
export async function listTrees(host: Host, registry: Registry, ask: ListAsk = {}): Promise<ListedTree[]> {
  const keys = Object.keys(registry.entries)
    .filter(ask.wanted ?? (() => true))
    .sort();
  const repositories = new Set(keys.map((key) => registry.entries[key]?.repository));
  // One that is gone or broken hides nothing of the others; where it is the only one, what git says is the answer.
  const spared = repositories.size > 1 ? unreadable : <T>(body: () => Promise<T>): Promise<T | undefined> => body();
  const rows = await Promise.all(keys.map((key) => rowOf(host, { registry, key, spared })));
  const proven = await provenIn(host, registry, { rows, spared });
  const looks = { dirty: ask.disk === true || rows.length <= few, disk: ask.disk === true };
  const inTurn = gate(Math.max(2, host.machine.cores));
  return await Promise.all(rows.map((row) => inTurn(() => told(host, row, { looks, proven, spared }))));
}

type Row = {
  readonly key: string;
  readonly entry: RegistryEntry;
  readonly present: boolean;
  readonly head: string | null;
};

/** Undefined where git cannot read the repository. */
type Spared = <T>(body: () => Promise<T>) => Promise<T | undefined>;

const unreadable: Spared = async (body) => {
  try {
    return await body();
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.failure.reason === "git-failed") return undefined;
    throw thrown;
  }
};

type RowAsk = { readonly registry: Registry; readonly key: string; readonly spared: Spared };

async function rowOf(host: Host, { registry, key, spared }: RowAsk): Promise<Row> {
  const entry = registry.entries[key];
  if (entry === undefined) throw new Error(`${key} is not in the registry`);
  const present = (await host.files.look(entry.worktreePath)) !== undefined;
  const head = present ? ((await spared(() => host.git.head(entry.worktreePath)))?.commit ?? null) : null;
  return { key, entry, present, head };
}

type Proven = ReadonlyMap<string, Pick<ListedTree, "head" | "merged" | "pushed">>;

/** What a repository says of all its trees. */
async function provenIn(
  host: Host,
  registry: Registry,
  { rows, spared }: { readonly rows: readonly Row[]; readonly spared: Spared },
): Promise<Proven> {
  const proven = new Map<string, Pick<ListedTree, "head" | "merged" | "pushed">>();
  for (const repository of new Set(rows.map(({ entry }) => entry.repository))) {
    const own = rows.filter(({ entry }) => entry.repository === repository);
    const known = await spared(() => host.git.refs(repository, "refs/"));
    if (known === undefined) continue;
    const refs = new Map(known.map(({ ref, commit }) => [ref, commit]));
    const targets = new Map<string, string | undefined>();
    const targetOf = async ({ key, entry }: Row): Promise<string | undefined> => {
      const task = registry.entries[key.split("#")[0] ?? key];
      if (entry.stage !== null) return task === undefined ? undefined : refs.get(refOf(task.branch));
      if (!targets.has(entry.baseRef))
        targets.set(entry.baseRef, await host.git.resolve(repository, `${entry.baseRef}^{commit}`));
      return targets.get(entry.baseRef);
    };
    const pairs: { key: string; base: string; head: string | null; target: string | undefined }[] = [];
    for (const row of own)
      pairs.push({
        key: row.key,
        base: row.entry.baseCommit,
        head: row.head ?? refs.get(refOf(row.entry.branch)) ?? null,
        target: await targetOf(row),
      });
    const remotes = [...refs].filter(([ref]) => ref.startsWith("refs/remotes/")).map(([, commit]) => commit);
    const commits = pairs.flatMap(({ head, target }) => [head, target]).filter((one) => typeof one === "string");
    const history = await historyOf(host, repository, { commits, remotes });
    for (const { key, base, head, target } of pairs) {
      const merged = head === null || head === base || target === undefined ? null : history.holds(target, head);
      proven.set(key, { head, merged, pushed: head === null ? null : history.isPushed(head) });
    }
  }
  return proven;
}

type Telling = {
  readonly looks: { readonly dirty: boolean; readonly disk: boolean };
  readonly proven: Proven;
  readonly spared: Spared;
};

async function told(host: Host, row: Row, { looks, proven, spared }: Telling): Promise<ListedTree> {
  const { key, entry, present } = row;
  const { worktreePath: path, branch, baseRef, baseCommit, status, stage } = entry;
  const canLook = looks.dirty && present && row.head !== null && status !== "pending";
  const seen = canLook ? await spared(() => host.git.status(path)) : undefined;
  const held = stage !== null && status !== "released";
  return {
    key,
    stage,
    path,
    branch,
    baseRef,
    baseCommit,
    status,
    holder: held ? { run: entry.holder.run, state: holderState(host, entry) } : null,
    present,
    head: proven.get(key)?.head ?? null,
    diskBytes: present && looks.disk ? await host.files.usedBytes(path) : null,
    dirty: seen === undefined ? null : seen.changed.length + seen.untracked.length > 0,
    merged: proven.get(key)?.merged ?? null,
    pushed: proven.get(key)?.pushed ?? null,
  };
}

const refOf = (branch: string): string => `refs/heads/${branch}`;
