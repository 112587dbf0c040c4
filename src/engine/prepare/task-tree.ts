/**
 * The task's worktree: made at the first run of a task, reused by the same key afterwards.
 *
 *   absent -> pending (registry, under task lock) -> metadata added -> filled (no lock but the task's tree lock) -> active
 */

import type { Repository } from "../../host/index.ts";
import { segmentPath, worktreePaths } from "../../lifecycle/index.ts";
import type { RunSummary, TaskManifest, WorktreeRef } from "../../lifecycle/task.schema.ts";
import { fault, printKey, shellWord, type TaskType, take } from "../../model/index.ts";
import { changeRegistry, readRegistry, readTaskManifest, taskLock, treeLock, withLock } from "../../registry/index.ts";
import type { RegistryEntry } from "../../registry/registry.schema.ts";
import { addTree, fillTree, findRepository, freeSlot, otherBranch, planBranch } from "../../worktrees/index.ts";
import { nowOf, type ProjectPlace, placeOf, type World } from "../world.ts";
import { holderOf } from "./holder.ts";
import { inFolder } from "./in-folder.ts";
import { provisionOf } from "./provision.ts";
import { requireFewer, requireQuota } from "./quota.ts";
import { recoverPending, undoEntry } from "./recover.ts";
import type { Undo } from "./undo.ts";

export type TaskTree = {
  readonly repository: Repository | null;
  readonly ref: WorktreeRef;
  readonly notes: readonly string[];
};

type Ask = {
  readonly manifest: TaskManifest;
  readonly key: TaskKeyOf;
  readonly taskType: TaskType;
  readonly baseRef: string | null;
  readonly nonce: string;
};
type TaskKeyOf = Parameters<typeof segmentPath>[0];

/** The task's worktree, made when it is not there. What was made is undone unless `tx` commits. */
export async function provisionTaskTree(world: World, project: ProjectPlace, ask: Ask, tx: Undo): Promise<TaskTree> {
  const repository = take(await findRepository(world.host, project.projectRoot));
  if (repository === undefined || repository.linked)
    return await inFolder(world, project, { ...ask, linked: repository });
  const reused = await existing(world, ask);
  if (reused !== undefined) return { repository, ref: reused, notes: [] };
  const tree = treeLock(world.home, ask.key);
  return await withLock(
    world.host,
    tree,
    `make the worktree of ${ask.manifest.key}`,
    async () => {
      const madeMeanwhile = await existing(world, ask);
      if (madeMeanwhile !== undefined) return { repository, ref: madeMeanwhile, notes: [] };
      return await make(world, project, { ...ask, repository }, tx);
    },
    waiting(world),
  );
}

/** The registered worktree of the task. Throws `path-taken` when its folder is gone. */
export async function existing(
  world: World,
  ask: Pick<Ask, "manifest" | "key" | "baseRef">,
): Promise<WorktreeRef | undefined> {
  const entry = take(await readRegistry(world.host, world.home)).entries[segmentPath(ask.key)];
  if (entry?.status !== "active") return undefined;
  if ((await world.host.files.look(entry.worktreePath)) === undefined) {
    throw fault(
      "path-taken",
      `The worktree of ${ask.manifest.key} is registered at ${entry.worktreePath} but is not there`,
      `Bring it back: git worktree add -f "${entry.worktreePath}" ${entry.branch}`,
      { path: entry.worktreePath, branch: entry.branch },
    );
  }
  const ignored =
    ask.baseRef === null || ask.baseRef === entry.baseRef
      ? ""
      : `--base-ref ${ask.baseRef} is ignored: the task is based on ${entry.baseRef}`;
  return refOf(entry, "reused", ignored);
}

async function make(
  world: World,
  project: ProjectPlace,
  ask: Ask & { repository: Repository },
  tx: Undo,
): Promise<TaskTree> {
  const { repository } = ask;
  const { baseRef, baseCommit } = await requireBase(world, repository, ask);
  const name = segmentPath(ask.key);
  const path = worktreePaths(world.home, ask.key).task;
  const branch = planBranch({
    key: ask.key,
    prefix: ask.manifest.branchPrefix,
    chosen: ask.manifest.branch,
    stage: null,
    planNumber: 1,
  });
  const run = `${printKey(ask.key)}@${ask.taskType}`;
  const most = project.settings.worktreeMax;
  await requireQuota(world, project);
  const lock = taskLock(world.home, ask.key);
  const entry = await withLock(
    world.host,
    lock,
    "prepare",
    async () => {
      await recoverPending(world, project, ask.key);
      const pending = await writePending(world, { name, path, branch, baseRef, baseCommit, ask, run, most });
      tx.onFailure(() =>
        withLock(world.host, lock, "undo", async () => {
          // Once a run in it is listed the tree is the task's, whoever made it. Earlier ones were in a tree that was removed.
          const task = take(await readTaskManifest(world.host, placeOf(world, project.projectRoot, ask.key)));
          const since = ({ startedAt, worktree }: RunSummary): boolean =>
            worktree?.path === path && startedAt >= pending.createdAt;
          if (task?.runs.some(since) === true) return;
          await undoEntry(world, project, { name, entry: pending, key: ask.key });
        }),
      );
      const offer = ask.manifest.branch === null ? otherBranch(ask.key, ask.manifest.branchPrefix) : "NAME";
      const add = { repository, path, branch, commit: baseCommit, newBranch: true, offer };
      take(await addTree(world.host, world.home, add));
      return pending;
    },
    waiting(world),
  );
  const filled = take(await fillTree(world.host, await provisionOf(world, project, { repository, path, entry })));
  await withLock(world.host, lock, "prepare", () => activate(world, name, entry.holder.nonce), waiting(world));
  return { repository, ref: refOf(entry, "created", filled.notes.join("; ")), notes: filled.notes };
}

export async function requireBase(
  world: World,
  repository: Repository,
  ask: Pick<Ask, "manifest" | "baseRef" | "taskType">,
): Promise<{ baseRef: string; baseCommit: string }> {
  const { git } = world.host;
  if (
    (await git.resolve(repository.mainRoot, "HEAD")) === undefined &&
    (await git.refs(repository.mainRoot, "refs/heads/")).length === 0
  ) {
    throw fault(
      "no-commits",
      `The repository ${repository.mainRoot} has no commits`,
      "Commit something first: git commit --allow-empty -m start",
      {
        repository: repository.mainRoot,
      },
    );
  }
  if (ask.baseRef === null) {
    const here = (await git.head(repository.mainRoot))?.branch ?? "main";
    throw fault(
      "base-ref-missing",
      `${ask.manifest.key} has no worktree yet and needs a base: the branch, tag or commit that its work starts from`,
      ask.manifest.runs.length === 0
        ? `Give one with --base-ref, such as --base-ref ${here}`
        : `Give one: okstra run --task-key ${shellWord(ask.manifest.key)} --task-type ${ask.taskType} --base-ref ${here}`,
      {
        key: ask.manifest.key,
      },
    );
  }
  const baseCommit = await git.resolve(repository.mainRoot, `${ask.baseRef}^{commit}`);
  if (baseCommit === undefined) {
    throw fault(
      "base-ref-unknown",
      `"${ask.baseRef}" names no commit in ${repository.mainRoot}`,
      "git branch -a shows what there is; give one with --base-ref",
      {
        baseRef: ask.baseRef,
      },
    );
  }
  return { baseRef: ask.baseRef, baseCommit };
}

type PendingAsk = {
  name: string;
  path: string;
  branch: string;
  baseRef: string;
  baseCommit: string;
  ask: Ask & { repository: Repository };
  run: string;
  most: number | null;
};

async function writePending(world: World, of: PendingAsk): Promise<RegistryEntry> {
  const now = nowOf(world);
  const made: { entry?: RegistryEntry } = {};
  const busy = await world.host.processes.listening();
  take(
    await changeRegistry(world.host, world.home, "reserve the task worktree", (registry) => {
      requireFewer(registry, of.most);
      const entry: RegistryEntry = {
        key: of.name,
        worktreePath: of.path,
        branch: of.branch,
        baseRef: of.baseRef,
        baseCommit: of.baseCommit,
        repository: of.ask.repository.commonDir,
        phase: of.ask.taskType,
        stage: null,
        plan: null,
        cycle: 0,
        status: "pending",
        intent: { newBranch: true, runFolder: "", seq: 1 },
        holder: holderOf(world, of.run, of.ask.nonce),
        slot: freeSlot(
          Object.values(registry.entries).map((other) => other.slot),
          busy,
        ),
        implementationBase: {},
        createdAt: now,
        updatedAt: now,
      };
      made.entry = entry;
      return { ...registry, entries: { ...registry.entries, [of.name]: entry } };
    }),
  );
  if (made.entry === undefined) throw new Error("the registry did not change");
  return made.entry;
}

/**
 * The caller holds the task lock and is about to list a run in this tree. Whoever made the tree may have failed since and taken
 * it back. Throws `lost-hold` then.
 */
export async function requireTaskTree(world: World, key: TaskKeyOf, tree: TaskTree): Promise<void> {
  if (tree.ref.status.startsWith("skipped-")) return;
  const name = segmentPath(key);
  const entry = take(await readRegistry(world.host, world.home)).entries[name];
  if (entry?.status === "active" && entry.worktreePath === tree.ref.path) return;
  throw fault("lost-hold", `The worktree of ${name} was taken back meanwhile`, "Start the command again", { name });
}

/** Turns a pending entry active, if it is still this holder's. */
export async function activate(world: World, name: string, nonce: string): Promise<void> {
  take(
    await changeRegistry(world.host, world.home, `activate ${name}`, (registry) => {
      const entry = registry.entries[name];
      if (entry?.holder.nonce !== nonce)
        throw fault("lost-hold", `${name} is no longer held by this run`, "Start the command again", { name });
      return {
        ...registry,
        entries: { ...registry.entries, [name]: { ...entry, status: "active", intent: null, updatedAt: nowOf(world) } },
      };
    }),
  );
}

export const refOf = (entry: RegistryEntry, status: WorktreeRef["status"], note: string): WorktreeRef => ({
  status,
  path: entry.worktreePath,
  branch: entry.branch,
  baseRef: entry.baseRef,
  baseCommit: entry.baseCommit,
  note,
});

export const waiting = (world: World) => ({
  onWait: (owner: string) => world.say(`Waiting for ${owner}`),
  signal: world.signal,
});
