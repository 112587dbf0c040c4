/** `okstra worktree release`: frees a stage whose run is dead, so that it can be started again. Its tree stays as it is. */
import { fault, printKey, shellWord, type TaskKey, take } from "../../model/index.ts";
import { appendLedger, holderState, readLedger, readRegistry, taskLock, withLock } from "../../registry/index.ts";
import { recoverPending } from "../prepare/recover.ts";
import { waiting } from "../prepare/task-tree.ts";
import { openProject } from "../project.ts";
import { nowOf, type ProjectPlace, placeOf, type World } from "../world.ts";
import { changeEntry, type Tree, treesOf } from "./subject.ts";

export type ReleaseAsk = {
  readonly cwd: string;
  readonly key: TaskKey;
  /** Null: every stage whose run is dead. */
  readonly stage: number | null;
  /** The worktree in which the stage's merge is settled, and not its own. */
  readonly merge?: boolean;
  /** Also takes a stage from a run that lives, or that another machine executes. */
  readonly force: boolean;
};

export type ReleasedTree = {
  readonly key: string;
  readonly stage: number;
  readonly run: string;
  readonly path: string;
};

/** Throws `no-worktree`, `stage-taken` when the run lives. A stage that nobody holds is left as it is. */
export async function releaseStages(world: World, ask: ReleaseAsk): Promise<readonly ReleasedTree[]> {
  const project = await openProject(world, ask.cwd, ask.key);
  const release = async (): Promise<ReleasedTree[]> => {
    await recoverPending(world, project, ask.key);
    const registry = take(await readRegistry(world.host, world.home));
    const trees = treesOf(
      registry,
      ask.key,
      ask.stage === null ? null : `${ask.merge === true ? "merge-" : ""}stage-${ask.stage}`,
    );
    const held = trees.filter(({ entry }) => entry.stage !== null && entry.status !== "released");
    const released: ReleasedTree[] = [];
    for (const tree of held) {
      if (ask.stage === null && holderState(world.host, tree.entry) !== "dead") continue;
      if (!ask.force || tree.entry.status === "pending") refuseLiving(world, tree);
      released.push(await releaseOne(world, project, { tree, key: ask.key }));
    }
    return released;
  };
  return await withLock(world.host, taskLock(world.home, ask.key), "release a stage", release, waiting(world));
}

function refuseLiving(world: World, { name, entry }: Tree): void {
  const state = holderState(world.host, entry);
  if (state === "dead") return;
  const { run, pid, machine } = entry.holder;
  throw fault(
    "stage-taken",
    state === "alive"
      ? `${name} is held by ${run}, which process ${pid} executes`
      : `${name} is held by ${run} on the machine ${machine}, which cannot be asked from here`,
    state === "alive" ? `Stop it: okstra cancel ${shellWord(run)}` : `If it is dead there, say so: add --force`,
    { key: name, run, pid, machine, state },
  );
}

/** The ledger first: a kill in between leaves a stage that is still held, and released again. */
async function releaseOne(
  world: World,
  project: ProjectPlace,
  { tree: { name, entry }, key }: { readonly tree: Tree; readonly key: TaskKey },
): Promise<ReleasedTree> {
  const { stage } = entry;
  if (stage === null) throw new Error(`${name} is no stage's`);
  const place = placeOf(world, project.projectRoot, key);
  const rows = take(await readLedger(world.host, place));
  const newest = rows.findLast((row) => row.stage === stage && row.run === entry.holder.run);
  if (newest?.status === "started") {
    const row = { ...newest, status: "released" as const, started_at: nowOf(world), source: "worktree-release" };
    take(await appendLedger(world.host, place, row));
  }
  await changeEntry(world, name, (now) => ({ ...now, status: "released", intent: null, updatedAt: nowOf(world) }));
  world.say(`Released stage ${stage} of ${printKey(key)}; its worktree stays at ${entry.worktreePath}`);
  return { key: name, stage, run: entry.holder.run, path: entry.worktreePath };
}
