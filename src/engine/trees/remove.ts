/**
 * `okstra worktree remove`: takes trees away once nothing would be lost, or a person insists. The registry notes a removal before it
 * touches anything; whoever goes on with the task finishes one that was killed.
 */
import { type Fault, fault, printKey, shellWord, type TaskKey, take } from "../../model/index.ts";
import { holderState, readRegistry, taskLock, withLock } from "../../registry/index.ts";
import type { Registry } from "../../registry/registry.schema.ts";
import { deleteLater, type Objection, removeTree, standing } from "../../worktrees/index.ts";
import { recoverPending } from "../prepare/recover.ts";
import { waiting } from "../prepare/task-tree.ts";
import { openProject } from "../project.ts";
import { sweep } from "../sweep.ts";
import { nowOf, type ProjectPlace, type World } from "../world.ts";
import {
  changeEntry,
  factsOfTree,
  isOfTask,
  keyOfEntry,
  type OpenRun,
  openRunsOf,
  type Tree,
  type TreeWanted,
  treesOf,
} from "./subject.ts";

export type RemoveTreesAsk = {
  readonly cwd: string;
  readonly key: TaskKey;
  readonly wanted: TreeWanted;
  readonly force: boolean;
};

export type RemovedTree = {
  readonly key: string;
  readonly stage: number | null;
  readonly path: string;
  readonly branch: string;
  readonly branchDeleted: boolean;
  readonly rescue: readonly string[];
  readonly kept: readonly string[];
  readonly notes: readonly string[];
};

/** All or none: every tree is looked at before the first is touched. Throws `no-worktree`, `stage-taken`, `run-active`, `would-lose-work`. */
export async function removeTrees(world: World, ask: RemoveTreesAsk): Promise<readonly RemovedTree[]> {
  const project = await openProject(world, ask.cwd, ask.key);
  return await removing(world, ask.key, async (trash) => {
    await recoverPending(world, project, ask.key);
    await sweep(world, project, ask.key);
    trash.push(...(await finishRemovals(world, project, ask.key)));
    const registry = take(await readRegistry(world.host, world.home));
    const trees = treesOf(registry, ask.key, ask.wanted);
    const open = await openRunsOf(world, project, ask.key);
    for (const tree of trees) {
      const held = refusal(world, tree, open);
      if (held !== undefined) throw held;
    }
    if (!ask.force) await refuseLosses(world, project, { registry, trees, key: ask.key, open });
    const removed: RemovedTree[] = [];
    for (const tree of trees) {
      const done = await removeOne(world, project, { registry, tree, key: ask.key, force: ask.force });
      trash.push(...done.trash);
      if (done.objections.length > 0) throw lossFault([{ tree, objections: done.objections }]);
      removed.push(done.tree);
    }
    return removed;
  });
}

/** Under the task lock; what was set aside is deleted by a process of its own, also when the body fails. */
export async function removing<T>(world: World, key: TaskKey, body: (trash: string[]) => Promise<T>): Promise<T> {
  const trash: string[] = [];
  const lock = taskLock(world.home, key);
  try {
    return await withLock(world.host, lock, "remove worktrees", () => body(trash), waiting(world));
  } finally {
    for (const aside of trash) take(await deleteLater(world.host, aside));
  }
}

type One = {
  readonly registry: Registry;
  readonly tree: Tree;
  readonly key: TaskKey;
  readonly force: boolean;
};
type Done = {
  readonly tree: RemovedTree;
  readonly objections: readonly Objection[];
  readonly trash: readonly string[];
};

/** The caller holds the task lock and knows that nobody holds the tree. With objections nothing was touched. */
export async function removeOne(world: World, project: ProjectPlace, { force, ...of }: One): Promise<Done> {
  const { name, entry } = of.tree;
  const facts = await factsOfTree(world, project, of);
  const removal = { since: nowOf(world), force };
  const begin = () => changeEntry(world, name, (now) => ({ ...now, removal }));
  const done = take(await removeTree(world.host, world.home, { ...facts, force, begin }));
  if (done.removed) await changeEntry(world, name, () => undefined);
  const { rescue, kept, branchDeleted, notes } = done;
  const { stage, worktreePath: path, branch } = entry;
  return {
    tree: { key: name, stage, path, branch, branchDeleted, rescue, kept, notes },
    objections: done.objections,
    trash: done.trash,
  };
}

/**
 * Goes on with removals that were killed. One that had touched nothing yet is looked at again, and given up when something stands
 * against it now. The caller holds the task lock. What is left to delete.
 */
export async function finishRemovals(world: World, project: ProjectPlace, key: TaskKey): Promise<string[]> {
  const trash: string[] = [];
  const registry = take(await readRegistry(world.host, world.home));
  for (const [name, entry] of Object.entries(registry.entries)) {
    if (!isOfTask(key, name) || entry.removal === undefined) continue;
    const { force } = entry.removal;
    const done = await removeOne(world, project, { registry, tree: { name, entry }, key, force });
    trash.push(...done.trash);
    if (done.objections.length > 0) await changeEntry(world, name, ({ removal: _, ...now }) => now);
    world.say(`${done.objections.length === 0 ? "Finished" : "Gave up"} the removal of ${name}, which was killed`);
  }
  return trash;
}

/** A tree that a run holds or works in is not taken from under it; nothing overrules this. */
export function refusal(world: World, { name, entry }: Tree, open: readonly OpenRun[]): Fault | undefined {
  const task = name.split("#")[0] ?? name;
  const live = open.find((run) => run.alive && (entry.stage === null || run.stage === entry.stage));
  if (live !== undefined && !isEarlier(name)) {
    return fault(
      "run-active",
      `${name}: ${live.id} works in it`,
      `Wait until it has ended, or stop it: okstra cancel ${shellWord(live.id)}`,
      { key: name, run: live.id },
    );
  }
  if (entry.status === "released" || (entry.stage === null && entry.status === "active")) return undefined;
  const { run } = entry.holder;
  const dead = holderState(world.host, entry) === "dead";
  return fault(
    "stage-taken",
    `${name} is held by ${run}${dead ? ", which is no longer running" : ""}`,
    dead
      ? `Free it first: okstra worktree release ${shellWord(task)} --stage ${entry.stage}`
      : `Stop it: okstra cancel ${shellWord(run)}`,
    { key: name, run, dead },
  );
}

export const isEarlier = (name: string): boolean => /-old\d+$/.test(name);

type Losses = {
  readonly registry: Registry;
  readonly trees: readonly Tree[];
  readonly key: TaskKey;
  readonly open: readonly OpenRun[];
};
type Loss = { readonly tree: Tree; readonly objections: readonly Objection[] };

async function refuseLosses(world: World, project: ProjectPlace, of: Losses): Promise<void> {
  const losses: Loss[] = [];
  for (const tree of of.trees) {
    const objections = await objectionsTo(world, project, { ...of, tree });
    if (objections.length > 0) losses.push({ tree, objections });
  }
  if (losses.length > 0) throw lossFault(losses);
}

/** All that stands against removing a tree, of what it holds and of runs that would go on in it. */
export async function objectionsTo(
  world: World,
  project: ProjectPlace,
  of: Omit<One, "force"> & { readonly open: readonly OpenRun[] },
): Promise<readonly Objection[]> {
  const seen = take(await standing(world.host, await factsOfTree(world, project, of)));
  const { name, entry } = of.tree;
  const runs = isEarlier(name)
    ? []
    : of.open.filter((run) => entry.stage === null || run.stage === entry.stage).map(({ id }) => id);
  if (runs.length === 0) return seen.objections;
  const text = `it could not be resumed any more: ${runs.join(", ")}`;
  return [...seen.objections, { what: "run", text, items: runs, yields: true }];
}

function lossFault(losses: readonly Loss[]) {
  const [first] = losses;
  if (first === undefined) throw new Error("nothing would be lost");
  const task = printKey(keyOfEntry(first.tree.name));
  const all = losses.flatMap(({ objections }) => objections);
  const lines = losses.map(({ tree, objections }) => `${tree.name}: ${objections.map(({ text }) => text).join("; ")}`);
  const stage = losses.length === 1 && first.tree.entry.stage !== null ? `#${first.tree.name.split("#")[1]}` : "";
  return fault(
    "would-lose-work",
    losses.length === 1
      ? `Not removed: ${lines[0]}`
      : `Nothing was removed; ${losses.length} worktrees hold something\n${lines.join("\n")}`,
    all.every(({ yields }) => yields)
      ? `Commit, merge or push it; or remove it and have a rescue ref keep it: okstra worktree remove ${shellWord(`${task}${stage}`)} --force`
      : "Settle that, then run the command again",
    {
      trees: losses.map(({ tree, objections }) => ({ key: tree.name, path: tree.entry.worktreePath, objections })),
    },
  );
}
