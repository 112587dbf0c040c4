/** What the home's registry, its worktrees' folders and the repositories' own lists say of each other. Looks only. */
import { entryNameOf, lostEntry, projectAt, type TaskFacts, taskFacts, type World } from "../../engine/index.ts";
import { homePaths, segmentPath } from "../../lifecycle/index.ts";
import { shellWord, type TaskKey, take } from "../../model/index.ts";
import { examineRegistry, type RegistrySeen } from "../../registry/index.ts";
import type { RegistryEntry } from "../../registry/registry.schema.ts";
import { folderKind, leftInTrash } from "../../worktrees/index.ts";
import { type Disk, type KnownRepository, keyBelow, lookAtDisk, nameBelow, type TreeFolder, treeAt } from "./disk.ts";
import { entryFindings, keyOf } from "./entries.ts";
import { type Finding, leftAlone, mendable } from "./finding.ts";

export async function homeFindings(world: World, registry: RegistrySeen): Promise<Finding[]> {
  if (registry.is === "newer") return [];
  const disk = await lookAtDisk(world, registry.entries);
  const facts = factsByTask(world, disk);
  const lost = await lostTrees(world, { registry, disk, facts });
  const findings = [...registryFinding(world, registry, lost), ...repositoryFindings(registry, disk)];
  for (const [name, entry] of Object.entries(registry.entries))
    findings.push(...(await entryFindings(world, { name, entry, disk, facts: await facts(keyOf(name)) })));
  return [
    ...findings,
    ...lost.map(({ finding }) => finding),
    ...strayTrees(world, registry, disk),
    ...disk.throwaways.map(({ key, path }) => throwawayFinding(key, path)),
    ...(await trashFindings(world)),
  ];
}

type FactsOf = (key: TaskKey) => Promise<TaskFacts | undefined>;

/** Of each task once. */
function factsByTask(world: World, disk: Disk): FactsOf {
  const known = new Map<string, Promise<TaskFacts | undefined>>();
  const read = async (key: TaskKey): Promise<TaskFacts | undefined> => {
    const root = disk.roots.get(key.project);
    const project = root === undefined ? undefined : await projectAt(world, root);
    return project?.ok === true ? take(await taskFacts(world, project.value, key)) : undefined;
  };
  return (key) => {
    const name = segmentPath(key);
    const facts = known.get(name) ?? read(key);
    known.set(name, facts);
    return facts;
  };
}

type Lost = {
  readonly path: string;
  readonly finding: Finding;
  readonly entry: RegistryEntry | undefined;
};

/** Folders among the worktrees that no entry names. */
async function lostTrees(
  world: World,
  at: { readonly registry: RegistrySeen; readonly disk: Disk; readonly facts: FactsOf },
): Promise<Lost[]> {
  const entries = Object.values(at.registry.entries);
  const known = new Set(entries.map(({ worktreePath }) => worktreePath));
  const lost: Lost[] = [];
  for (const folder of at.disk.folders) {
    if (known.has(folder.path) || entries.some(({ worktreePath }) => belongsTo(worktreePath, folder.path))) continue;
    lost.push(await lostTree(world, folder, at));
  }
  // One that was being made while the others were looked at is no stray.
  const now = lost.length === 0 ? [] : Object.values(take(await examineRegistry(world.host, world.home)).entries);
  return lost.filter(({ path }) => !now.some(({ worktreePath }) => worktreePath === path));
}

/** What removing and recording a tree leave beside it for a moment. */
const belongsTo = (tree: string, path: string): boolean => path === `${tree}.removing` || path === `${tree}.files`;

async function lostTree(
  world: World,
  folder: TreeFolder,
  { registry, disk, facts }: { readonly registry: RegistrySeen; readonly disk: Disk; readonly facts: FactsOf },
): Promise<Lost> {
  const { path, name, key } = folder;
  if (folder.empty) {
    const message = "an empty folder among the worktrees that nothing names";
    const named = { id: `stray-folder:${path}`, where: path, severity: "warning" as const, message };
    return { path, finding: mendable(named, { do: "remove-empty", path }), entry: undefined };
  }
  const entryName = entryNameOf(segmentPath(key), name);
  const found = await ownerOf(world, disk, path);
  const task = await facts(key);
  if (
    entryName !== undefined &&
    found?.branch != null &&
    task !== undefined &&
    registry.entries[entryName] === undefined
  ) {
    const tree = { name, path, branch: found.branch, repository: found.repository };
    const entry = take(await lostEntry(world, task, tree));
    if (entry !== undefined) {
      const message = `a worktree that the registry does not know, on ${found.branch}`;
      const named = { id: `unregistered:${entryName}`, where: path, severity: "error" as const, message };
      return { path, finding: mendable(named, { do: "register", entries: [entry] }), entry };
    }
  }
  return { path, finding: strayFolder(path, found !== undefined), entry: undefined };
}

const strayFolder = (path: string, isTree: boolean): Finding =>
  leftAlone(
    {
      id: `${isTree ? "stray-tree" : "stray-folder"}:${path}`,
      where: path,
      severity: "warning",
      message: isTree
        ? "a worktree that git knows and that belongs to no task"
        : "a folder that neither git nor the registry knows",
      remedy: isTree
        ? `Look at it; when nothing in it is needed: git -C ${shellWord(path)} worktree remove ${shellWord(path)}`
        : "Look at it, and move it away or delete it",
    },
    "it may hold work",
  );

type Owner = { readonly repository: string; readonly branch: string | null };

/** The repository that knows the folder as a worktree of its own. */
async function ownerOf(world: World, disk: Disk, path: string): Promise<Owner | undefined> {
  for (const known of disk.repositories.values()) {
    if (known === null) continue;
    const tree = treeAt(known, disk, world, path);
    if (tree === undefined) continue;
    const kind = take(await folderKind(world.host, { repository: known.repository, path }));
    if (kind === "tree") return { repository: known.repository.commonDir, branch: tree.branch };
  }
  return undefined;
}

function registryFinding(world: World, registry: RegistrySeen, lost: readonly Lost[]): Finding[] {
  if (registry.is !== "broken") return [];
  const { failure } = registry;
  const entries = lost.flatMap(({ entry }) => entry ?? []);
  const kept = Object.keys(registry.entries).length;
  return [
    mendable(
      {
        id: "registry",
        where: homePaths(world.home).registry,
        severity: "error",
        message: `${failure.message}; ${kept} entries in it are whole, ${entries.length} more can be told from what is on the disk`,
        remedy: "Restore it from a copy; or have it made again: okstra doctor --fix",
      },
      { do: "register", entries },
    ),
  ];
}

function repositoryFindings(registry: RegistrySeen, disk: Disk): Finding[] {
  return [...disk.repositories].flatMap(([commonDir, known]) => {
    if (known !== null) return [];
    const names = Object.values(registry.entries).filter(({ repository }) => repository === commonDir);
    return [
      leftAlone(
        {
          id: `repository:${commonDir}`,
          where: commonDir,
          severity: "error",
          message: `the repository of ${names.length} registered worktree${names.length === 1 ? "" : "s"} is gone, or git cannot read it`,
          remedy: `See what git -C ${shellWord(commonDir)} status says; bring it back to where it was; a repository that was moved is told its worktrees by git worktree repair PATH`,
        },
        "okstra cannot know where it is",
      ),
    ];
  });
}

/** Worktrees that git lists among okstra's, whose folder is gone and that no entry names. */
function strayTrees(world: World, registry: RegistrySeen, disk: Disk): Finding[] {
  const findings: Finding[] = [];
  for (const known of disk.repositories.values()) {
    if (known === null) continue;
    for (const { path } of known.trees.filter(({ prunable }) => prunable)) {
      const key = keyBelow(disk, path);
      if (key === undefined || isRegistered(world, { registry, disk, known, path })) continue;
      if (disk.throwaways.some((one) => nameBelow(one.path) === nameBelow(path))) continue;
      findings.push(
        mendable(
          {
            id: `stray-tree:${path}`,
            where: path,
            severity: "warning",
            message: "git knows a worktree there; its folder is gone, and the registry does not name it",
          },
          { do: "forget-tree", path, key },
        ),
      );
    }
  }
  return findings;
}

type TreeHere = {
  readonly registry: RegistrySeen;
  readonly disk: Disk;
  readonly known: KnownRepository;
  readonly path: string;
};

const isRegistered = (world: World, { registry, disk, known, path }: TreeHere): boolean =>
  Object.values(registry.entries).some(
    ({ worktreePath }) =>
      treeAt(known, disk, world, worktreePath)?.path === path || worktreePath === path.replace(/\.removing$/, ""),
  );

const throwawayFinding = (key: TaskKey, path: string): Finding =>
  mendable(
    {
      id: `throwaway:${path}`,
      where: path,
      severity: "warning",
      message: "a throwaway worktree whose process is dead",
      remedy: "okstra doctor --fix; any command that goes on with the task removes it too",
    },
    { do: "settle", key },
  );

async function trashFindings(world: World): Promise<Finding[]> {
  const left = take(await leftInTrash(world.host, world.home));
  if (left.length === 0) return [];
  const message = `${left.length} removed worktree${left.length === 1 ? " is" : "s are"} not deleted yet`;
  const named = { id: "trash", where: homePaths(world.home).trash, severity: "warning" as const, message };
  return [mendable(named, { do: "empty-trash" })];
}
