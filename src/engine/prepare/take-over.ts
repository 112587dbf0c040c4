/**
 * Makes room for a new attempt at a stage: what an earlier, released attempt left is moved aside, never deleted. Tree and
 * branch get the suffix `-old<K>`. The registry follows last, so a kill in between leaves an entry whose tree or branch are aside
 * already; the next attempt finds the suffix that was begun and goes on with it.
 */

import type { Repository } from "../../host/index.ts";
import { take } from "../../model/index.ts";
import { changeRegistry, entryKey, readRegistry } from "../../registry/index.ts";
import type { RegistryEntry } from "../../registry/registry.schema.ts";
import type { TaskKey, World } from "../world.ts";

type Ask = { readonly repository: Repository; readonly path: string; readonly branch: string; readonly key: TaskKey };

/** The caller holds the task lock and knows that nobody holds the stage. */
export async function freeStageBranch(world: World, ask: Ask): Promise<void> {
  const { git, files } = world.host;
  const registry = take(await readRegistry(world.host, world.home));
  const released = Object.values(registry.entries).some((entry) => isEarlier(ask, entry));
  if (!released) return;
  const root = ask.repository.mainRoot;
  const suffix = await suffixFor(world, ask, Object.values(registry.entries));
  if ((await files.look(ask.path)) !== undefined)
    await git.plain(root, "worktree", "move", ask.path, `${ask.path}-old${suffix}`);
  if ((await git.resolve(root, `refs/heads/${ask.branch}`)) !== undefined) {
    await git.plain(root, "branch", "-m", ask.branch, `${ask.branch}-old${suffix}`);
  }
  await renameEntries(world, ask, suffix);
  world.say(`The earlier attempt is kept: branch ${ask.branch}-old${suffix}, folder ${ask.path}-old${suffix}`);
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

/** Of the same stage, by branch (this plan) or by folder (an earlier plan). */
const isEarlier = (ask: Ask, entry: RegistryEntry): boolean =>
  entry.status === "released" && (entry.branch === ask.branch || entry.worktreePath === ask.path);

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
