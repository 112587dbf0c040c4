/** The registered trees that a command is about, and what removal has to know of each. */
import { homePaths, segmentPath } from "../../lifecycle/index.ts";
import { fault, printKey, readRun, type TaskKey, take } from "../../model/index.ts";
import { changeRegistry, entryKey, readTaskManifest, runLock } from "../../registry/index.ts";
import type { Registry, RegistryEntry } from "../../registry/registry.schema.ts";
import { findRepository, type RemoveAsk } from "../../worktrees/index.ts";
import { type ProjectPlace, placeOf, type World } from "../world.ts";

/** A tree by its name in the registry: that of a task, of a stage, of an earlier attempt at a stage. */
export type Tree = { readonly name: string; readonly entry: RegistryEntry };

/** `null`: every tree of the task; else `stage-<N>` or `stage-<N>-old<K>`, or the empty text for the task's own. */
export type TreeWanted = string | null;

/** Stages first and the task's own last, since they merge into it. Throws `no-worktree`. */
export function treesOf(registry: Registry, key: TaskKey, wanted: TreeWanted): Tree[] {
  const own = entryKey(key, null);
  const name = wanted === null || wanted === "" ? own : `${own}#${wanted}`;
  const found = Object.entries(registry.entries)
    .filter(([other]) => other === name || (wanted === null && other.startsWith(`${own}#`)))
    .map(([other, entry]) => ({ name: other, entry }))
    .sort((a, b) => Number(a.entry.stage === null) - Number(b.entry.stage === null) || (a.name < b.name ? -1 : 1));
  if (found.length > 0) return found;
  throw fault(
    "no-worktree",
    wanted === null || wanted === "" ? `${printKey(key)} has no worktree` : `There is no worktree ${name}`,
    "See what there is: okstra worktree list --all",
    { key: printKey(key), name },
  );
}

/** What a stage's branch is meant for is the task's branch; what a task's is meant for, its base. */
const targetOf = (registry: Registry, { name, entry }: Tree): string | null => {
  if (entry.stage === null) return entry.baseRef;
  const task = registry.entries[name.split("#")[0] ?? name];
  return task === undefined ? null : `refs/heads/${task.branch}`;
};

/** Folders that can be made anew: those that are cloned from the main worktree. */
export const derivedOf = (project: ProjectPlace): readonly string[] => project.settings.worktreeCloneDirs;

export type TreeFacts = Omit<RemoveAsk, "force" | "begin">;

/** Throws `not-a-repository` when the project is none any more. */
export async function factsOfTree(
  world: World,
  project: ProjectPlace,
  of: { readonly registry: Registry; readonly tree: Tree; readonly key: TaskKey },
): Promise<TreeFacts> {
  const repository = take(await findRepository(world.host, project.projectRoot));
  if (repository === undefined)
    throw fault("not-a-repository", `${project.projectRoot} is no git repository`, "Bring it back, then try again", {});
  const { entry } = of.tree;
  return {
    repository,
    key: of.key,
    path: entry.worktreePath,
    branch: entry.branch,
    target: targetOf(of.registry, of.tree),
    derived: derivedOf(project),
    scratch: homePaths(world.home).slot(entry.slot),
  };
}

/** Changes one entry, if it is there; undefined takes it out. */
export async function changeEntry(
  world: World,
  name: string,
  change: (entry: RegistryEntry) => RegistryEntry | undefined,
): Promise<void> {
  take(
    await changeRegistry(world.host, world.home, `change ${name}`, (registry) => {
      const { [name]: entry, ...others } = registry.entries;
      if (entry === undefined) return undefined;
      const changed = change(entry);
      return { ...registry, entries: changed === undefined ? others : { ...others, [name]: changed } };
    }),
  );
}

export type OpenRun = { readonly id: string; readonly stage: number | null; readonly alive: boolean };

/** Runs of the task that have not ended; `alive`: a process executes it now. */
export async function openRunsOf(world: World, project: ProjectPlace, key: TaskKey): Promise<OpenRun[]> {
  const manifest = take(await readTaskManifest(world.host, placeOf(world, project.projectRoot, key)));
  const open = (manifest?.runs ?? []).filter((run) => run.endedAt === null);
  return await Promise.all(
    open.map(async ({ id, stage }) => ({
      id,
      stage,
      alive: (await world.host.locks.owner(runLock(world.home, readRun(id)))) !== undefined,
    })),
  );
}

/** The key of a task as its trees are filed: in segments. */
export function keyOfEntry(name: string): TaskKey {
  const [project = "", group = "", task = ""] = (name.split("#")[0] ?? name).split("/");
  return { project, group, task };
}

export const isOfTask = (key: TaskKey, name: string): boolean =>
  name === segmentPath(key) || name.startsWith(`${segmentPath(key)}#`);
