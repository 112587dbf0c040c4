/** What git and the disk hold below the home's folder of worktrees. Looks only. */
import { basename, join } from "node:path";
import type { World } from "../../engine/index.ts";
import type { Repository, TreeAt } from "../../host/index.ts";
import { homePaths } from "../../lifecycle/index.ts";
import { Fault, type TaskKey, take } from "../../model/index.ts";
import { projectRootOf } from "../../registry/index.ts";
import type { Registry } from "../../registry/registry.schema.ts";
import { deadThrowaways } from "../../worktrees/index.ts";

/** A repository of registered worktrees or of projects that the home knows. */
export type KnownRepository = {
  readonly repository: Repository;
  readonly trees: readonly TreeAt[];
  /** Commits by the branches' names. */
  readonly branches: ReadonlyMap<string, string>;
};

/** A folder that lies where worktrees of a task lie. */
export type TreeFolder = {
  /** In segments. */
  readonly key: TaskKey;
  readonly name: string;
  readonly path: string;
  readonly empty: boolean;
};

export type Disk = {
  /** By the common git folder; null for one that is gone. */
  readonly repositories: ReadonlyMap<string, KnownRepository | null>;
  readonly folders: readonly TreeFolder[];
  /** Where the home's worktrees lie, links resolved. */
  readonly real: string;
  readonly throwaways: readonly { readonly key: TaskKey; readonly path: string }[];
  /** The roots of the projects, by their segments; undefined for one that the home does not know or find. */
  readonly roots: ReadonlyMap<string, string>;
};

export async function lookAtDisk(world: World, entries: Registry["entries"]): Promise<Disk> {
  const { files } = world.host;
  const top = homePaths(world.home).worktrees;
  const folders: TreeFolder[] = [];
  const throwaways: { key: TaskKey; path: string }[] = [];
  for (const project of await foldersIn(world, top)) {
    for (const group of await foldersIn(world, join(top, project))) {
      for (const task of await foldersIn(world, join(top, project, group))) {
        const key = { project, group, task };
        const folder = join(top, project, group, task);
        for (const name of await foldersIn(world, folder)) {
          const path = join(folder, name);
          if (name !== "throwaway") {
            folders.push({ key, name, path, empty: (await files.list(path)).length === 0 });
            continue;
          }
          for (const dead of take(await deadThrowaways(world.host, path))) throwaways.push({ key, path: dead });
        }
      }
    }
  }
  const roots = await rootsOf(world, [
    ...folders.map(({ key }) => key.project),
    ...Object.keys(entries).map((name) => name.split("/")[0] ?? name),
  ]);
  return {
    repositories: await repositoriesOf(world, entries, roots),
    folders,
    real: (await files.realPath(top)) ?? top,
    throwaways,
    roots,
  };
}

const foldersIn = async (world: World, path: string): Promise<string[]> =>
  (await world.host.files.list(path))
    .filter(({ name, kind }) => kind === "folder" && name !== ".trash")
    .map(({ name }) => name);

async function rootsOf(world: World, projects: readonly string[]): Promise<Map<string, string>> {
  const roots = new Map<string, string>();
  for (const project of new Set(projects)) {
    const root = await projectRootOf(world.host, world.home, project);
    if (root.ok && root.value !== undefined) roots.set(project, root.value);
  }
  return roots;
}

async function repositoriesOf(
  world: World,
  entries: Registry["entries"],
  roots: ReadonlyMap<string, string>,
): Promise<Map<string, KnownRepository | null>> {
  const { git, files } = world.host;
  const known = new Map<string, KnownRepository | null>();
  for (const root of roots.values()) {
    // One that git cannot read is told by its worktrees.
    const found = await readable(async () => {
      const repository = await git.repository(root);
      return repository === undefined ? null : await knownRepository(world, repository);
    });
    if (found !== null && !known.has(found.repository.commonDir)) known.set(found.repository.commonDir, found);
  }
  for (const { repository: commonDir } of Object.values(entries)) {
    if (known.has(commonDir)) continue;
    known.set(commonDir, (await files.look(commonDir)) === undefined ? null : await ofCommonDir(world, commonDir));
  }
  return known;
}

const ofCommonDir = (world: World, commonDir: string): Promise<KnownRepository | null> =>
  readable(async () => {
    const [main] = await world.host.git.trees(commonDir);
    const root = main?.path ?? commonDir;
    return await knownRepository(world, { mainRoot: root, root, commonDir, linked: false });
  });

/** Null for a folder that is no repository any more, or one that git cannot read. */
async function readable(body: () => Promise<KnownRepository | null>): Promise<KnownRepository | null> {
  try {
    return await body();
  } catch (thrown) {
    if (thrown instanceof Fault) return null;
    throw thrown;
  }
}

async function knownRepository(world: World, repository: Repository): Promise<KnownRepository> {
  const { git } = world.host;
  const heads = await git.refs(repository.commonDir, "refs/heads/");
  return {
    repository,
    trees: await git.trees(repository.commonDir),
    branches: new Map(heads.map(({ ref, commit }) => [ref.slice("refs/heads/".length), commit])),
  };
}

/** The worktree as git lists it, by a path that may lead through a link. */
export const treeAt = ({ trees }: KnownRepository, disk: Disk, world: World, path: string): TreeAt | undefined => {
  const top = homePaths(world.home).worktrees;
  const real = path.startsWith(`${top}/`) ? join(disk.real, path.slice(top.length + 1)) : path;
  return trees.find((tree) => tree.path === path || tree.path === real);
};

/** The key of a folder `<project>/<group>/<task>/<name>` below the worktrees, in segments; undefined elsewhere. */
export function keyBelow(disk: Disk, path: string): TaskKey | undefined {
  if (!path.startsWith(`${disk.real}/`)) return undefined;
  const [project, group, task] = path.slice(disk.real.length + 1).split("/");
  return project === undefined || group === undefined || task === undefined ? undefined : { project, group, task };
}

export const nameBelow = (path: string): string => basename(path);
