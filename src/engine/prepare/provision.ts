/** What a worktree of this project is filled with, from the settings: linked folders, copied files, set-up commands. */
import { join } from "node:path";
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
});

/** The whole request to fill a registered tree. */
export async function provisionOf(
  world: World,
  project: ProjectPlace,
  tree: { repository: Repository; path: string; entry: RegistryEntry; confine?: Confine | undefined },
): Promise<FillAsk> {
  const own = homePaths(world.home).slot(tree.entry.slot);
  const home = join(own, "home");
  return {
    repository: tree.repository,
    path: tree.path,
    provision: provisionRules(project),
    env: {
      ...slotEnvironment(tree.entry.slot, own),
      ...(tree.confine === undefined ? {} : { HOME: home }),
      [holdMark]: tree.entry.holder.nonce,
    },
    logPath: join(own, "setup.log"),
    ...(tree.confine === undefined ? {} : { confine: tree.confine }),
  };
}
