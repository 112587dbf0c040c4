/**
 * A new attempt at a stage finds what an earlier, released one left. A tree in which nothing is under way, and whose commits build on
 * what the stage starts from, is taken over as it is. Any other is moved aside, never deleted: tree and branch get the suffix
 * `-old<K>`. The registry follows last, so a kill in between leaves an entry whose tree or branch are aside already; the next
 * attempt finds the suffix that was begun and goes on with it.
 */

import type { Repository } from "../../host/index.ts";
import { take } from "../../model/index.ts";
import { changeRegistry, entryKey, readRegistry } from "../../registry/index.ts";
import type { RegistryEntry } from "../../registry/registry.schema.ts";
import { forgetMade, standing } from "../../worktrees/index.ts";
import type { TaskKey, World } from "../world.ts";
import { holdMark } from "./holder.ts";

type Ask = {
  readonly repository: Repository;
  readonly path: string;
  readonly branch: string;
  readonly key: TaskKey;
  readonly stage: number;
};

/** The caller holds the task lock and knows that nobody holds the stage. */
export async function freeStageBranch(world: World, ask: Ask): Promise<void> {
  const { git, files } = world.host;
  const registry = take(await readRegistry(world.host, world.home));
  const released = Object.values(registry.entries).some((entry) => isEarlier(ask, entry));
  if (!released) return;
  const root = ask.repository.mainRoot;
  const suffix = await suffixFor(world, ask, Object.values(registry.entries));
  // First, since a kill after the move would leave the mark of a tree that is gone from there.
  take(await forgetMade(world.host, ask.path));
  if ((await files.look(ask.path)) !== undefined)
    await git.plain(root, "worktree", "move", ask.path, `${ask.path}-old${suffix}`);
  if ((await git.resolve(root, `refs/heads/${ask.branch}`)) !== undefined) {
    await git.plain(root, "branch", "-m", ask.branch, `${ask.branch}-old${suffix}`);
  }
  await renameEntries(world, ask, suffix);
  world.say(`The earlier attempt is kept: branch ${ask.branch}-old${suffix}, folder ${ask.path}-old${suffix}`);
}

type TakeOverAsk = Ask & {
  /** The commit that the new attempt starts from. */
  readonly base: string;
  readonly plan: string;
  readonly cycle: number;
};

/**
 * The entry of an earlier attempt whose tree the new one goes on in: of this plan and cycle, clean, on its branch, at or after the
 * base, and left by every process. The caller holds the task lock and knows that nobody holds the stage.
 */
export async function earlierTree(world: World, ask: TakeOverAsk): Promise<RegistryEntry | undefined> {
  const entry = take(await readRegistry(world.host, world.home)).entries[entryKey(ask.key, ask.stage)];
  if (entry?.status !== "released" || entry.worktreePath !== ask.path || entry.branch !== ask.branch) return undefined;
  if (entry.plan !== ask.plan || entry.cycle !== ask.cycle || entry.removal !== undefined) return undefined;
  const { repository, path, branch, base } = ask;
  const seen = take(await standing(world.host, { repository, path, branch, target: null, derived: [] }));
  const { folder, head, branchHead, branchHolder } = seen;
  if (folder !== "tree" || head === null || head !== branchHead || branchHolder !== null) return undefined;
  // Its commits and ignored files are what is taken over.
  if (seen.objections.some(({ what }) => what !== "commits" && what !== "ignored")) return undefined;
  if ((await world.host.git.head(path))?.branch !== branch) return undefined;
  if (!(await world.host.git.isAncestor(repository.mainRoot, base, head))) return undefined;
  // An agent that outlived its run would write into the tree of the next.
  const left = await world.host.processes.withMark(holdMark, entry.holder.nonce);
  return left.length === 0 ? entry : undefined;
}

/** The first suffix that no other attempt bears: one whose folder or branch is there without an entry was begun by a kill's victim. */
async function suffixFor(world: World, ask: Ask, entries: readonly RegistryEntry[]): Promise<number> {
  const { git, files } = world.host;
  const root = ask.repository.mainRoot;
  const there = {
    path: (await files.look(ask.path)) !== undefined,
    branch: (await git.resolve(root, `refs/heads/${ask.branch}`)) !== undefined,
  };
  for (let suffix = 1; ; suffix += 1) {
    const [path, branch] = [`${ask.path}-old${suffix}`, `${ask.branch}-old${suffix}`];
    if (entries.some((entry) => entry.worktreePath === path || entry.branch === branch)) continue;
    const pathAside = (await files.look(path)) !== undefined;
    const branchAside = (await git.resolve(root, `refs/heads/${branch}`)) !== undefined;
    // What is aside already must not be there as well: that would be somebody else's folder or branch of this name.
    if (!(pathAside && there.path) && !(branchAside && there.branch)) return suffix;
  }
}

/** Of the same stage, whatever plan it was for. Another project's stage may have a branch of the same name. */
const isEarlier = (ask: Ask, entry: RegistryEntry): boolean =>
  entry.status === "released" && entry.key === entryKey(ask.key, ask.stage);

async function renameEntries(world: World, ask: Ask, suffix: number): Promise<void> {
  take(
    await changeRegistry(world.host, world.home, "set an earlier attempt aside", (registry) => {
      const entries = Object.entries(registry.entries).map(([name, entry]) => {
        if (!isEarlier(ask, entry)) return [name, entry] as const;
        const branch = entry.branch === ask.branch ? `${ask.branch}-old${suffix}` : entry.branch;
        const moved = { ...entry, branch, worktreePath: `${ask.path}-old${suffix}` };
        return [`${entryKey(ask.key, entry.stage)}-old${suffix}`, { ...moved, key: `${name}-old${suffix}` }] as const;
      });
      return { ...registry, entries: Object.fromEntries(entries) };
    }),
  );
}
