/**
 * Brings worktrees back to what the registry says of them. Each takes the task lock and looks at the entry again: what was found
 * before may have been settled since. Gives what was done as one sentence.
 */
import { join } from "node:path";
import { homePaths } from "../../lifecycle/index.ts";
import { fault, type TaskKey, take } from "../../model/index.ts";
import { changeRegistry, readRegistry, taskLock, withLock } from "../../registry/index.ts";
import type { RegistryEntry } from "../../registry/registry.schema.ts";
import {
  addTree,
  fillTree,
  findRepository,
  folderKind,
  forgetStray,
  recordAgain,
  writeMade,
} from "../../worktrees/index.ts";
import { provisionRules } from "../prepare/provision.ts";
import { waiting } from "../prepare/task-tree.ts";
import { checkSettings } from "../settings-files.ts";
import { keyOfEntry } from "../trees/subject.ts";
import type { World } from "../world.ts";

export type TreeAsk = { readonly projectRoot: string /** Of the registry entry. */; readonly name: string };

/** Checks a registered branch out again whose worktree's folder is gone. Set-up commands are not run. */
export const bringBack = (world: World, ask: TreeAsk): Promise<string> =>
  ofEntry(world, ask, async ({ entry, repository }) => {
    const { worktreePath: path, branch } = entry;
    if (take(await folderKind(world.host, { repository, path })) === "shell") {
      await world.host.files.removeFile(join(path, ".git"));
      await world.host.files.removeEmptyFolder(path);
    }
    const commit = (await world.host.git.resolve(repository.mainRoot, `refs/heads/${branch}`)) ?? entry.baseCommit;
    take(await addTree(world.host, world.home, { repository, path, branch, commit, newBranch: false }));
    // As when it was first made: whoever takes it back knows by its mark that the branch is okstra's too.
    take(await writeMade(world.host, { path, branch, commit: entry.baseCommit, repository: repository.commonDir }));
    const project = await checkSettings(world, ask.projectRoot);
    const provision = { ...provisionRules(project), setup: [], ready: null };
    take(await fillTree(world.host, { repository, path, provision, env: {}, logPath: `${path}.setup.log` }));
    const setup = project.settings.worktreeSetup.length === 0 ? "" : "; its set-up commands were not run";
    return `checked ${branch} out at ${path} again${setup}`;
  });

/** Records a worktree again whose record in git is gone. */
export const recordTree = (world: World, ask: TreeAsk): Promise<string> =>
  ofEntry(world, ask, async ({ entry, repository }) => {
    const { worktreePath: path, branch } = entry;
    take(await recordAgain(world.host, world.home, { repository, path, branch }));
    return `git knows ${path} again, on ${branch}; no file was touched`;
  });

/** Makes a branch again that was deleted, unless it is back. */
export const bringBranchBack = (world: World, ask: TreeAsk & { readonly commit: string }): Promise<string> =>
  ofEntry(world, ask, async ({ entry: { branch }, repository }) => {
    await world.host.git.setRef(repository.mainRoot, `refs/heads/${branch}`, ask.commit, "");
    return `made the branch ${branch} again at ${ask.commit.slice(0, 12)}`;
  });

/** Lets git forget a worktree that belongs to nothing and whose folder is gone. */
export async function forgetTree(
  world: World,
  ask: { readonly projectRoot: string; readonly path: string; readonly key: TaskKey },
): Promise<string> {
  const repository = await repositoryOf(world, ask.projectRoot);
  const rescue = take(await forgetStray(world.host, world.home, { repository, path: ask.path, key: ask.key }));
  return `git no longer lists ${ask.path}${rescue === null ? "" : `; its commit is kept at ${rescue}`}`;
}

/** An entry whose tree and branch cannot be brought back names nothing any more. */
export const dropEntry = (world: World, ask: TreeAsk): Promise<string> =>
  ofEntry(world, ask, async ({ entry }) => {
    await world.host.files.removeTree(homePaths(world.home).slot(entry.slot));
    take(
      await changeRegistry(world.host, world.home, `drop ${ask.name}`, (registry) => {
        const { [ask.name]: now, ...entries } = registry.entries;
        return now?.holder.nonce === entry.holder.nonce ? { ...registry, entries } : undefined;
      }),
    );
    return `took the entry ${ask.name} out of the registry`;
  });

type Found = { readonly entry: RegistryEntry; readonly repository: Awaited<ReturnType<typeof repositoryOf>> };

async function ofEntry(world: World, ask: TreeAsk, body: (found: Found) => Promise<string>): Promise<string> {
  const lock = taskLock(world.home, keyOfEntry(ask.name));
  const mend = async (): Promise<string> => {
    const entry = take(await readRegistry(world.host, world.home)).entries[ask.name];
    if (entry === undefined) return "nothing: the entry is gone by now";
    return await body({ entry, repository: await repositoryOf(world, ask.projectRoot) });
  };
  return await withLock(world.host, lock, `mend ${ask.name}`, mend, waiting(world));
}

async function repositoryOf(world: World, projectRoot: string) {
  const repository = take(await findRepository(world.host, projectRoot));
  if (repository !== undefined) return repository;
  throw fault("not-a-repository", `${projectRoot} is no git repository`, "Bring it back, then try again", {});
}
