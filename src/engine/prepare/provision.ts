/** What a worktree of this project is filled with, from the settings: linked folders, copied files, set-up commands. */
import { basename, join } from "node:path";
import type { Repository } from "../../host/index.ts";
import { homePaths } from "../../lifecycle/index.ts";
import type { RunRef } from "../../model/index.ts";
import type { RegistryEntry } from "../../registry/registry.schema.ts";
import { type FillAsk, type Provision, slotEnvironment } from "../../worktrees/index.ts";
import { type Confinement, commandConfine } from "../confinement.ts";
import { refusedInWords } from "../network.ts";
import { secretsOf } from "../secrets-of.ts";
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

type Confined = Pick<FillAsk, "confine" | "kept">;

/** How set-up of a stage's tree is confined: it runs what stages before it left. What its network keeps it from is said at once. */
export function confinedSetup(
  place: { readonly world: World; readonly project: ProjectPlace; readonly confinement: Confinement },
  of: { readonly ref: RunRef; readonly slot: number },
): Confined {
  const slot = homePaths(place.world.home).slot(of.slot);
  const confine = commandConfine(place, { ref: of.ref, own: [slot, join(slot, "home")] });
  if (confine === undefined) return {};
  const kept = async (command: string): Promise<string | null> => {
    const refused = place.confinement.gate?.refused() ?? [];
    const note = refused.length === 0 ? null : refusedInWords(refused, await secretsOf(place));
    if (note !== null) place.world.say(`The set-up command "${command}" ${note}`);
    return note === null ? null : `it ${note}`;
  };
  return { confine, kept };
}

/** The whole request to fill a registered tree. */
export async function provisionOf(
  world: World,
  project: ProjectPlace,
  tree: { repository: Repository; path: string; entry: RegistryEntry; confined?: Confined },
): Promise<FillAsk> {
  const { entry, confined = {} } = tree;
  const own = homePaths(world.home).slot(entry.slot);
  const home = join(own, "home");
  return {
    repository: tree.repository,
    path: tree.path,
    provision: provisionRules(project),
    env: {
      ...slotEnvironment(entry.slot, own),
      ...(confined.confine === undefined ? {} : { HOME: home }),
      [holdMark]: entry.holder.nonce,
    },
    logPath: await freshLog(world, entry, basename(tree.path)),
    setupTimeoutMs: setupLimitMs(project),
    ...confined,
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
