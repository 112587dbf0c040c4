/**
 * `okstra worktree prune`: removes the trees that are proven done, frees what can be made anew in finished ones, and says of each
 * other why it stays. What it cannot prove it keeps.
 */
import { segment } from "../../lifecycle/index.ts";
import { Fault, type TaskKey, take } from "../../model/index.ts";
import { readLedger, readRegistry } from "../../registry/index.ts";
import { cleanThrowaways, emptyTrash, findRepository, stripTree } from "../../worktrees/index.ts";
import { locate } from "../locate.ts";
import { openProject } from "../project.ts";
import { taskStatus } from "../queries.ts";
import { sweep } from "../sweep.ts";
import { type ProjectPlace, placeOf, type World } from "../world.ts";
import { finishRemovals, isEarlier, objectionsTo, refusal, removeOne, removing } from "./remove.ts";
import { derivedOf, factsOfTree, keyOfEntry, openRunsOf, type Tree, treesOf } from "./subject.ts";

export type PruneAsk = {
  readonly cwd: string;
  /** Null: every task of the project around `cwd`, or with `all` of the home. */
  readonly key: TaskKey | null;
  readonly all: boolean;
  /** Only says what would be done. */
  readonly explain: boolean;
};

export type PrunedTree = {
  readonly key: string;
  readonly stage: number | null;
  readonly path: string;
  readonly branch: string;
  readonly diskBytes: number;
  readonly action: "removed" | "stripped" | "kept";
  /** Bytes that go, or would go. */
  readonly freedBytes: number;
  /** Why it stays, or what proves that it may go. */
  readonly why: readonly string[];
};

export type Pruned = { readonly explain: boolean; readonly entries: readonly PrunedTree[] };

export async function pruneTrees(world: World, ask: PruneAsk): Promise<Pruned> {
  const entries: PrunedTree[] = [];
  for (const key of await tasksOf(world, ask))
    entries.push(...(await (ask.all ? pruneIfReadable : pruneTask)(world, ask, key)));
  if (!ask.explain) take(await emptyTrash(world.host, world.home));
  return { explain: ask.explain, entries };
}

async function tasksOf(world: World, { cwd, key, all }: PruneAsk): Promise<TaskKey[]> {
  if (key !== null) return [key];
  const names = Object.keys(take(await readRegistry(world.host, world.home)).entries);
  const own = all ? "" : `${segment((await locate(world, cwd, null)).projectId)}/`;
  const tasks = new Set(names.filter((name) => name.startsWith(own)).map((name) => name.split("#")[0] ?? name));
  return [...tasks].sort().map(keyOfEntry);
}

/** Of all projects one may be gone, or broken: its worktrees stay, and the others are pruned. */
async function pruneIfReadable(world: World, ask: PruneAsk, key: TaskKey): Promise<PrunedTree[]> {
  try {
    return await pruneTask(world, ask, key);
  } catch (thrown) {
    if (
      !(thrown instanceof Fault) ||
      !["not-a-project", "not-a-repository", "git-failed"].includes(thrown.failure.reason)
    )
      throw thrown;
    const why = [thrown.failure.message];
    const trees = treesOf(take(await readRegistry(world.host, world.home)), key, null);
    return await Promise.all(
      trees.map(async ({ name, entry: { stage, worktreePath: path, branch } }) => {
        const diskBytes = await world.host.files.usedBytes(path);
        return { key: name, stage, path, branch, diskBytes, action: "kept", freedBytes: 0, why } as const;
      }),
    );
  }
}

async function pruneTask(world: World, ask: PruneAsk, key: TaskKey): Promise<PrunedTree[]> {
  const project = await openProject(world, ask.cwd, key);
  return await removing(world, key, async (trash) => {
    if (!ask.explain) {
      await sweep(world, project, key);
      trash.push(...(await finishRemovals(world, project, key)));
      const repository = take(await findRepository(world.host, project.projectRoot));
      if (repository !== undefined) take(await cleanThrowaways(world.host, world.home, { repository, key }));
    }
    const pruned: PrunedTree[] = [];
    // One after the other: a task's tree may go once those of its stages are gone.
    for (const { name } of treesOf(take(await readRegistry(world.host, world.home)), key, null)) {
      const going = pruned.filter((one) => one.action === "removed").map((one) => one.key);
      pruned.push(await pruneOne(world, project, { key, name, explain: ask.explain, cwd: ask.cwd, going, trash }));
    }
    return pruned;
  });
}

type One = {
  readonly key: TaskKey;
  readonly name: string;
  readonly explain: boolean;
  readonly cwd: string;
  /** What this prune took away, or would take away, already. */
  readonly going: readonly string[];
  readonly trash: string[];
};

async function pruneOne(world: World, project: ProjectPlace, of: One): Promise<PrunedTree> {
  const registry = take(await readRegistry(world.host, world.home));
  const [tree] = treesOf(registry, of.key, of.name.split("#")[1] ?? "");
  if (tree === undefined) throw new Error(`${of.name} is gone`);
  const { entry } = tree;
  const diskBytes = await world.host.files.usedBytes(entry.worktreePath);
  const { stage, worktreePath: path, branch } = entry;
  const row = { key: of.name, stage, path, branch, diskBytes };
  const open = await openRunsOf(world, project, of.key);
  const held = refusal(world, tree, open)?.failure.message;
  if (held !== undefined) return { ...row, action: "kept", freedBytes: 0, why: [held] };
  const unfinished = await whyUnfinished(world, project, of, tree);
  if (unfinished !== undefined) return { ...row, action: "kept", freedBytes: 0, why: [unfinished] };
  const objections = await objectionsTo(world, project, { registry, tree, key: of.key, open });
  const others = stage === null ? remaining(Object.keys(registry.entries), of) : [];
  const why = [...objections.map(({ text }) => text), ...others];
  if (why.length > 0) return await strip(world, project, { of, tree, row, why, busy: isBusy(objections) });
  if (!of.explain) {
    const done = await removeOne(world, project, { registry, tree, key: of.key, force: false });
    of.trash.push(...done.trash);
    if (done.objections.length > 0)
      return { ...row, action: "kept", freedBytes: 0, why: done.objections.map(({ text }) => text) };
  }
  return { ...row, action: "removed", freedBytes: diskBytes, why: ["done, merged or pushed, and clean"] };
}

const isBusy = (objections: readonly { readonly what: string }[]): boolean =>
  objections.some(({ what }) => what === "process" || what === "foreign" || what === "locked" || what === "run");

/** Worktrees of stages that stay, by whose task the tree stays too. */
function remaining(names: readonly string[], of: One): string[] {
  const left = names.filter((name) => name.startsWith(`${of.name}#`) && !of.going.includes(name));
  return left.length === 0
    ? []
    : [`worktrees of its stages stay: ${left.map((name) => name.split("#")[1]).join(", ")}`];
}

/** Undefined: what the tree was made for is finished. An earlier attempt at a stage is finished by having been replaced. */
async function whyUnfinished(world: World, project: ProjectPlace, of: One, tree: Tree): Promise<string | undefined> {
  const { entry, name } = tree;
  if (isEarlier(name)) return undefined;
  if (entry.stage !== null) {
    const rows = take(await readLedger(world.host, placeOf(world, project.projectRoot, of.key)));
    const newest = rows.findLast(
      (row) => row.stage === entry.stage && row.plan === entry.plan && row.cycle === entry.cycle,
    );
    const done = newest !== undefined && newest.status !== "started" && newest.status !== "released";
    return done ? undefined : `stage ${entry.stage} is not done`;
  }
  const { task, runs } = await taskStatus(world, of.cwd, of.key);
  const open = task.stages.filter((stage) => stage.state !== "done" && stage.state !== "verified");
  if (open.length > 0) return `stages ${open.map((stage) => stage.stageNumber).join(", ")} are not done`;
  if (task.next !== null && task.next.taskType !== "release-handoff") return `the task goes on: ${task.next.taskType}`;
  return runs.some((run) => run.taskType === "final-verification" && run.verdict === "accepted")
    ? undefined
    : "the task is not finished";
}

type StripAsk = {
  readonly of: One;
  readonly tree: Tree;
  readonly row: Omit<PrunedTree, "action" | "freedBytes" | "why">;
  readonly why: readonly string[];
  readonly busy: boolean;
};

async function strip(world: World, project: ProjectPlace, ask: StripAsk): Promise<PrunedTree> {
  const { of, tree, row, why } = ask;
  const kept = { ...row, action: "kept" as const, freedBytes: 0, why };
  if (ask.busy || (await world.host.files.look(row.path)) === undefined) return kept;
  const registry = take(await readRegistry(world.host, world.home));
  const { repository } = await factsOfTree(world, project, { registry, tree, key: of.key });
  const look = { mainRoot: repository.mainRoot, path: row.path, derived: derivedOf(project), look: of.explain };
  const stripped = take(await stripTree(world.host, world.home, look));
  of.trash.push(...stripped.trash);
  if (stripped.folders.length === 0) return kept;
  const made = `can be made anew: ${stripped.folders.join(", ")}`;
  return { ...row, action: "stripped", freedBytes: stripped.bytes, why: [...why, made] };
}
