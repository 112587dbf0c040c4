/**
 * The registry entry of a worktree that is on the disk and was lost from the registry: from the run's manifest and journal, so that
 * a run that is under way keeps its hold (its nonce) and one that is dead can be resumed or released. Pure but for one look at the plan.
 */
import { runPaths, segmentPath } from "../../lifecycle/index.ts";
import type { RunManifest } from "../../lifecycle/task.schema.ts";
import { entryKey, mergeEntryKey } from "../../registry/index.ts";
import type { Holder, RegistryEntry } from "../../registry/registry.schema.ts";
import { anchorName } from "../prepare/recover.ts";
import { nowOf, type World } from "../world.ts";
import { hasEnded, type KnownRun, type TaskFacts } from "./task-facts.ts";

export type LostTree = {
  /** The folder's name among those of the task: `task`, `stage-<N>`, `stage-<N>-old<K>` or `merge-stage-<N>`. */
  readonly name: string;
  readonly path: string;
  readonly branch: string;
  /** The repository's common git folder. */
  readonly repository: string;
};

/** The name of the registry entry of a folder, or undefined when okstra makes no worktree of such a name. */
export function entryNameOf(task: string, folder: string): string | undefined {
  if (folder === "task") return task;
  return /^(merge-stage-[1-9]\d*|stage-[1-9]\d*(-old[1-9]\d*)?)$/.test(folder) ? `${task}#${folder}` : undefined;
}

/** Undefined when no run of the task tells of the tree. The slot is 0: the caller gives it one that is free. */
export async function lostEntry(world: World, facts: TaskFacts, tree: LostTree): Promise<RegistryEntry | undefined> {
  const stage = /^(?:merge-)?stage-(\d+)/.exec(tree.name)?.[1];
  if (stage === undefined) return await taskEntry(world, facts, tree);
  const earlier = /-old(\d+)$/.exec(tree.name)?.[1];
  const merges = tree.name.startsWith("merge-");
  const runs = facts.runs.filter(
    ({ ref, manifest }) =>
      ref.stage === Number(stage) && manifest !== null && merges === (manifest.invocation.integrate !== undefined),
  );
  const run = earlier === undefined ? runs.at(-1) : runs[Math.min(Number(earlier), runs.length) - 1];
  const base = run?.manifest?.reviewedCommit ?? null;
  if (run?.manifest == null || base === null) return undefined;
  const ended = earlier !== undefined || hasEnded(run) !== false;
  const own = merges ? mergeEntryKey(facts.key, Number(stage)) : entryKey(facts.key, Number(stage));
  return {
    ...common(world, tree, run.manifest),
    key: earlier === undefined ? own : `${own}-old${earlier}`,
    baseRef: facts.manifest?.key ?? run.manifest.taskKey,
    baseCommit: base,
    phase: "implementation",
    stage: Number(stage),
    plan: run.manifest.plan,
    cycle: run.manifest.cycle,
    status: ended ? "released" : "active",
    holder: holderOf(world, run, run.manifest),
    implementationBase: {},
  };
}

async function taskEntry(world: World, facts: TaskFacts, tree: LostTree): Promise<RegistryEntry | undefined> {
  const run = facts.runs.findLast(({ manifest }) => manifest?.stage === null && manifest.worktree.baseCommit !== null);
  const worktree = run?.manifest?.worktree;
  if (run?.manifest == null || worktree?.baseCommit == null || worktree.baseRef === null) return undefined;
  return {
    ...common(world, tree, run.manifest),
    key: segmentPath(facts.key),
    baseRef: worktree.baseRef,
    baseCommit: worktree.baseCommit,
    phase: run.manifest.taskType,
    stage: null,
    plan: null,
    cycle: 0,
    status: "active",
    holder: holderOf(world, run, run.manifest),
    implementationBase: await anchors(world, facts),
  };
}

const common = (world: World, tree: LostTree, manifest: RunManifest) => ({
  worktreePath: tree.path,
  branch: tree.branch,
  repository: tree.repository,
  intent: null,
  slot: 0,
  createdAt: manifest.createdAt,
  updatedAt: nowOf(world),
});

/** The process that executed the run last; none that lives when there was none. */
function holderOf(world: World, run: KnownRun, { nonce }: RunManifest): Holder {
  const started = run.journal?.events.findLast((event) => event.type === "run.started");
  const engine = started?.type === "run.started" ? started.data : { pid: 0, startTime: "", bootId: "" };
  const { pid, startTime, bootId } = engine;
  return { run: run.id, nonce, pid, startTime, bootId, machine: world.host.machine.name };
}

/** What stages without dependencies start from, by plan and cycle: the base of the first that was prepared. */
async function anchors(world: World, facts: TaskFacts): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const built = facts.runs.filter((run) => run.ref.stage !== null);
  for (const { ref, manifest } of [...built].sort((a, b) => (createdAt(a) < createdAt(b) ? -1 : 1))) {
    if (manifest?.plan == null || manifest.reviewedCommit === null) continue;
    const name = anchorName({ content: manifest.plan, cycle: manifest.cycle });
    if (found[name] !== undefined || !(await isFirst(world, facts, ref))) continue;
    found[name] = manifest.reviewedCommit;
  }
  return found;
}

const createdAt = (run: KnownRun): string => run.manifest?.createdAt ?? "";

/** Whether the run's stage depends on no other, as the plan says that was copied into the run. */
async function isFirst(world: World, { project }: TaskFacts, ref: KnownRun["ref"]): Promise<boolean> {
  const text = await world.host.files.readText(runPaths(project.projectRoot, ref).approvedPlan);
  if (text === undefined) return false;
  try {
    const copy = JSON.parse(text) as {
      plan?: { stageMap?: { stages?: { stageNumber: number; dependsOn: number[] }[] } };
    };
    const stage = copy.plan?.stageMap?.stages?.find(({ stageNumber }) => stageNumber === ref.stage);
    return stage?.dependsOn.length === 0;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    return false;
  }
}
