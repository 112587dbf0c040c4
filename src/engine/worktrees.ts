/** The worktrees that okstra made, as they stand. */
import { segment, segmentPath } from "../lifecycle/index.ts";
import { fault, printKey, take } from "../model/index.ts";
import { entryKey, projectRootOf, readRegistry, readTaskManifest } from "../registry/index.ts";
import { type ListedTree, listTrees } from "../worktrees/index.ts";
import { locate } from "./locate.ts";
import { placeOf, type TaskKey, type World } from "./world.ts";

export type { ListedTree };

export type WorktreesAsk = {
  readonly cwd: string;
  /** Those of one task; null: of the project around `cwd`. */
  readonly key: TaskKey | null;
  /** Of every project of the home. */
  readonly all: boolean;
  /** With what each takes of the disk, which means a look at every file. */
  readonly disk: boolean;
};

export async function listWorktrees(world: World, { disk, ...of }: WorktreesAsk): Promise<readonly ListedTree[]> {
  const registry = take(await readRegistry(world.host, world.home));
  return take(await listTrees(world.host, registry, { wanted: await filterOf(world, of), disk }));
}

async function filterOf(
  world: World,
  { cwd, key, all }: Omit<WorktreesAsk, "disk">,
): Promise<(name: string) => boolean> {
  if (key !== null) {
    const own = segmentPath(key);
    return (name) => name === own || name.startsWith(`${own}#`);
  }
  if (all) return () => true;
  const { projectId } = await locate(world, cwd, null);
  return (name) => name.startsWith(`${segment(projectId)}/`);
}

export type WorktreePath = {
  readonly key: string;
  readonly stage: number | null;
  readonly path: string;
  readonly branch: string;
};

/** A linked worktree of the user's in which the task's runs work. */
async function linkedRoot(world: World, key: TaskKey): Promise<Pick<WorktreePath, "path" | "branch"> | undefined> {
  const projectRoot = take(await projectRootOf(world.host, world.home, key.project));
  if (projectRoot === undefined) return undefined;
  const task = take(await readTaskManifest(world.host, placeOf(world, projectRoot, key)));
  const run = task?.runs.findLast((one) => one.worktree?.status === "skipped-in-worktree");
  return run?.worktree?.branch == null ? undefined : { path: run.worktree.path, branch: run.worktree.branch };
}

/** Where the worktree of a task or stage is. Throws `no-worktree`. */
export async function worktreePath(world: World, key: TaskKey, stage: number | null): Promise<WorktreePath> {
  const name = entryKey(key, stage);
  const entry = take(await readRegistry(world.host, world.home)).entries[name];
  const inFolder = entry === undefined && stage === null ? await linkedRoot(world, key) : undefined;
  if (inFolder !== undefined) return { key: name, stage, ...inFolder };
  if (entry !== undefined && (await world.host.files.look(entry.worktreePath)) !== undefined)
    return { key: name, stage, path: entry.worktreePath, branch: entry.branch };
  const what = stage === null ? printKey(key) : `Stage ${stage} of ${printKey(key)}`;
  throw fault(
    "no-worktree",
    entry === undefined ? `${what} has no worktree` : `The worktree of ${what} is gone: ${entry.worktreePath}`,
    "See what there is: okstra worktree list --all",
    { key: printKey(key), stage },
  );
}
