/** What a worktree of this project is filled with, from the settings: linked folders, copied files, set-up commands. */
import { basename, join } from "node:path";
import type { Repository } from "../../host/index.ts";
import { homePaths } from "../../lifecycle/index.ts";
import type { RegistryEntry } from "../../registry/registry.schema.ts";
import { type FillAsk, type Provision, slotEnvironment } from "../../worktrees/index.ts";
import type { Confine } from "../confinement.ts";
import type { ProjectPlace, World } from "../world.ts";
import { holdMark } from "./holder.ts";

export const provisionRules = (project: ProjectPlace): Provision => ({
  syncDirs: project.settings.worktreeSyncDirs,
  copyFiles: project.settings.worktreeCopyFiles,
  cloneDirs: project.settings.worktreeCloneDirs,
  setup: project.settings.worktreeSetup,
  ready: project.settings.worktreeReady,
});

/** For one set-up command. */
export const setupLimitMs = (project: ProjectPlace): number => project.settings.timeouts.setup * 60_000;

/** The whole request to fill a registered tree. */
export async function provisionOf(
  world: World,
  project: ProjectPlace,
  tree: { repository: Repository; path: string; entry: RegistryEntry; confine?: Confine | undefined },
): Promise<FillAsk> {
  const { entry } = tree;
  const own = homePaths(world.home).slot(entry.slot);
  const home = join(own, "home");
  return {
    repository: tree.repository,
    path: tree.path,
    provision: provisionRules(project),
    env: {
      ...slotEnvironment(entry.slot, own),
      ...(tree.confine === undefined ? {} : { HOME: home }),
      [holdMark]: entry.holder.nonce,
    },
    logPath: await freshLog(world, entry, basename(tree.path)),
    setupTimeoutMs: setupLimitMs(project),
    ...(tree.confine === undefined ? {} : { confine: tree.confine }),
  };
}

/** A log of its own for each set-up of a tree, also of one that was there before at the same place. */
async function freshLog(world: World, entry: RegistryEntry, tree: string): Promise<string> {
  const [project = "", group = "", task = ""] = (entry.key.split("#")[0] ?? "").split("/");
  const folder = homePaths(world.home).setupLogs({ project, group, task });
  const names = new Set((await world.host.files.list(folder)).map(({ name }) => name));
  for (let number = 1; ; number += 1) {
    const name = `${tree}-${number}.log`;
    if (!names.has(name)) return join(folder, name);
  }
}
