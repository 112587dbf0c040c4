/**
 * Chooses a stage and makes its worktree. Choosing, the pending entry, the worktree's metadata and the sequence number are one
 * critical section under the task lock; the tree is filled outside it; the ledger row and `active` come last, under it again.
 */

import type { Repository } from "../../host/index.ts";
import { runFolder, runPaths, segmentPath, sequenceOf, worktreePaths } from "../../lifecycle/index.ts";
import type { TaskManifest, WorktreeRef } from "../../lifecycle/task.schema.ts";
import { fault, printRun, type RunRef, shellWord, take } from "../../model/index.ts";
import {
  appendLedger,
  changeRegistry,
  entryKey,
  readLedger,
  readRegistry,
  stageStates,
  taskLock,
  withLock,
} from "../../registry/index.ts";
import type { LedgerRow, Registry, RegistryEntry } from "../../registry/registry.schema.ts";
import { baseKind, chooseStage, readiness } from "../../stages/index.ts";
import type { Stage } from "../../stages/stage-map.schema.ts";
import { addTree, fillTree, freeSlot, planBranch } from "../../worktrees/index.ts";
import type { Confinement } from "../confinement.ts";
import { refillLedger } from "../mend/refill.ts";
import { taskFacts } from "../mend/task-facts.ts";
import { recordsOf, takenStages } from "../stage-states.ts";
import { nowOf, type ProjectPlace, placeOf, type TaskKey, type World } from "../world.ts";
import { type ApprovedPlan, requireApprovedPlan } from "./approved-plan.ts";
import { holderOf } from "./holder.ts";
import { confinedSetup, provisionOf } from "./provision.ts";
import { requireFewer, requireQuota } from "./quota.ts";
import { anchorName, recoverPending, undoEntry } from "./recover.ts";
import { earlierTree, freeStageBranch } from "./take-over.ts";
import { activate, refOf, waiting } from "./task-tree.ts";
import type { Undo } from "./undo.ts";

export type StageHold = {
  readonly ref: RunRef;
  readonly stage: Stage;
  readonly plan: ApprovedPlan;
  readonly worktree: WorktreeRef;
  readonly base: string;
  readonly attempt: number;
  readonly nonce: string;
  readonly notes: readonly string[];
  /** To be called under the task lock as the last thing of prepare. */
  readonly settle: () => Promise<void>;
};

type Ask = {
  readonly manifest: TaskManifest;
  readonly key: TaskKey;
  readonly wanted: number | "auto";
  readonly nonce: string;
  readonly repository: Repository;
  readonly taskTree: string;
  readonly confinement: Confinement;
};

export async function holdStage(world: World, project: ProjectPlace, ask: Ask, tx: Undo): Promise<StageHold> {
  await requireQuota(world, project);
  const lock = taskLock(world.home, ask.key);
  const held = await withLock(
    world.host,
    lock,
    "choose a stage",
    () => choose(world, project, ask, tx),
    waiting(world),
  );
  const { entry, repository } = { entry: held.entry, repository: ask.repository };
  const place = { world, project, confinement: ask.confinement };
  const confined = confinedSetup(place, { ref: held.hold.ref, slot: entry.slot });
  const filling = { repository, path: entry.worktreePath, entry, confined };
  const notes = held.notes ?? take(await fillTree(world.host, await provisionOf(world, project, filling))).notes;
  return {
    ...held.hold,
    notes,
    settle: async () => {
      take(await appendLedger(world.host, placeOf(world, project.projectRoot, ask.key), startedRow(world, held)));
      await activate(world, held.name, ask.nonce);
    },
  };
}

type Held = {
  readonly name: string;
  readonly entry: RegistryEntry;
  readonly hold: Omit<StageHold, "notes" | "settle">;
  /** Of a tree that was taken over, and is filled. */
  readonly notes: readonly string[] | null;
};

async function choose(world: World, project: ProjectPlace, ask: Ask, tx: Undo): Promise<Held> {
  await recoverPending(world, project, ask.key);
  const plan = await requireApprovedPlan(world, project.projectRoot, ask.manifest, ask.key);
  await refill(world, project, ask.key);
  const { stage, states } = await selectStage(world, project, { ...ask, plan });
  const { stageNumber } = stage;
  const base = await baseOf(world, { projectRoot: project.projectRoot, ask, plan, stage, states });
  const ref: RunRef = {
    key: ask.key,
    taskType: "implementation",
    stage: stageNumber,
    seq: await nextSequence(world, project.projectRoot, ask.key, stageNumber),
  };
  const branch = stageBranch(ask, plan, stageNumber);
  const path = worktreePaths(world.home, ask.key).stage(stageNumber);
  const place = { repository: ask.repository, path, branch, key: ask.key, stage: stageNumber };
  const earlier = await earlierTree(world, { ...place, base, plan: plan.content, cycle: plan.cycle });
  if (earlier === undefined) await freeStageBranch(world, place);
  const name = entryKey(ask.key, stageNumber);
  const most = project.settings.worktreeMax;
  const entry = await writePending(world, { name, path, branch, base, ref, plan, stage, ask, most, earlier });
  const lock = taskLock(world.home, ask.key);
  tx.onFailure(() =>
    withLock(world.host, lock, "undo", () => undoEntry(world, project, { name, entry, key: ask.key })),
  );
  const attempt = (states.get(stageNumber)?.attempt ?? 0) + 1;
  const hold = { ref, stage, plan, base, attempt, nonce: ask.nonce };
  if (earlier !== undefined) {
    const note = `stage ${stageNumber} goes on in the worktree of its earlier attempt, ${path}`;
    world.say(`S${note.slice(1)}`);
    return { name, entry, hold: { ...hold, worktree: refOf(entry, "reused", note) }, notes: [note] };
  }
  const { repository } = ask;
  take(await addTree(world.host, world.home, { repository, path, branch, commit: base, newBranch: true }));
  return { name, entry, hold: { ...hold, worktree: refOf(entry, "created", "") }, notes: null };
}

/** Rows that a kill or a lost file took from the ledger: without them a stage that is done would be built again. */
async function refill(world: World, project: ProjectPlace, key: TaskKey): Promise<void> {
  for (const row of await refillLedger(world, await taskFacts(world, project, key)))
    if (row.status === "done") world.say(`Stage ${row.stage} was done but not in the ledger; the row is back`);
}

type SelectAsk = Pick<Ask, "manifest" | "key" | "wanted"> & { readonly plan: ApprovedPlan };

/** The stage that is asked for, or the next ready one. Throws why there is none; changes nothing. */
export async function selectStage(
  world: World,
  project: ProjectPlace,
  { manifest, key, wanted, plan }: SelectAsk,
): Promise<{ readonly stage: Stage; readonly states: ReadonlyMap<number, LedgerRow> }> {
  const rows = take(await readLedger(world.host, placeOf(world, project.projectRoot, key)));
  const states = stageStates(rows, plan.content, plan.cycle);
  const taken = await takenStages(world, key, plan);
  const records = await recordsOf(world, { projectRoot: project.projectRoot, key, states, runs: manifest.runs });
  const ready = readiness(plan.plan.stageMap, records, taken);
  const stageNumber = take(chooseStage(ready, { wanted, task: manifest.key, taken }));
  const stage = plan.plan.stageMap.stages.find((one) => one.stageNumber === stageNumber);
  if (stage === undefined) throw new Error(`chose stage ${stageNumber}, which the map does not have`);
  return { stage, states };
}

export const stageBranch = ({ key, manifest }: Pick<Ask, "key" | "manifest">, plan: ApprovedPlan, stage: number) =>
  planBranch({ key, prefix: manifest.branchPrefix, chosen: manifest.branch, stage, planNumber: plan.number });

export type BaseAsk = {
  readonly projectRoot: string;
  readonly ask: Pick<Ask, "manifest" | "key" | "repository" | "taskTree">;
  readonly plan: ApprovedPlan;
  readonly stage: Stage;
  readonly states: ReadonlyMap<number, LedgerRow>;
};

/** The commit a stage starts from (worktrees.md, Base of a stage worktree). */
export async function baseOf(world: World, of: BaseAsk): Promise<string> {
  const kind = baseKind(of.stage);
  if (kind.kind === "anchor") return await anchor(world, of);
  if (kind.kind === "single") return headOf(of.states, kind.stage);
  const taskHead = await requireHead(world, of.ask.taskTree);
  const unmerged: number[] = [];
  for (const stage of kind.stages) {
    if (!(await world.host.git.isAncestor(of.ask.repository.mainRoot, headOf(of.states, stage), taskHead)))
      unmerged.push(stage);
  }
  if (unmerged.length === 0) return taskHead;
  throw fault(
    "stage-waiting",
    `Stage ${of.stage.stageNumber} needs stages ${unmerged.join(", ")} merged into the task branch first`,
    `Merge them: okstra integrate ${shellWord(of.ask.manifest.key)}`,
    { stage: of.stage.stageNumber, unmerged },
  );
}

function headOf(states: ReadonlyMap<number, LedgerRow>, stage: number): string {
  const row = states.get(stage);
  if (row === undefined) throw new Error(`stage ${stage} has no ledger row`);
  return row.head_commit;
}

async function requireHead(world: World, tree: string): Promise<string> {
  const head = await world.host.git.head(tree);
  if (head === undefined)
    throw fault("git-failed", `${tree} has no commit checked out`, "Look at it with git status", { tree });
  return head.commit;
}

/** HEAD of the task worktree when the first stage of this plan and cycle was prepared; recorded with that stage's entry. */
async function anchor(world: World, of: BaseAsk): Promise<string> {
  const registry = take(await readRegistry(world.host, world.home));
  const task = registry.entries[segmentPath(of.ask.key)];
  const known = task === undefined ? await startOf(world, of) : task.implementationBase[anchorName(of.plan)];
  return known ?? (await requireHead(world, of.ask.taskTree));
}

/** Where the first stage started whose task has no worktree of its own, and so no entry. */
async function startOf(world: World, { projectRoot, ask, plan }: BaseAsk): Promise<string | undefined> {
  const anchored = new Set(
    plan.plan.stageMap.stages.filter((one) => baseKind(one).kind === "anchor").map((one) => one.stageNumber),
  );
  const rows = take(await readLedger(world.host, placeOf(world, projectRoot, ask.key)));
  return rows.find(
    (row) =>
      row.plan === plan.content && row.cycle === plan.cycle && row.status === "started" && anchored.has(row.stage),
  )?.head_commit;
}

/** The next free sequence number of a run folder; the caller holds the task lock. */
export async function nextSequence(
  world: World,
  projectRoot: string,
  key: TaskKey,
  stage: number | null,
  taskType: RunRef["taskType"] = "implementation",
): Promise<number> {
  const folder = runFolder(projectRoot, key, taskType, stage);
  const manifests = await world.host.files.list(`${folder}/manifests`);
  const used = manifests.map((entry) => sequenceOf(entry.name, taskType) ?? 0);
  return Math.max(0, ...used) + 1;
}

type PendingAsk = {
  name: string;
  path: string;
  branch: string;
  base: string;
  ref: RunRef;
  plan: ApprovedPlan;
  stage: Stage;
  ask: Ask;
  most: number | null;
  /** Whose tree is taken over. */
  earlier: RegistryEntry | undefined;
};

async function writePending(world: World, of: PendingAsk): Promise<RegistryEntry> {
  const now = nowOf(world);
  const made: { entry?: RegistryEntry } = {};
  const busy = await world.host.processes.listening();
  take(
    await changeRegistry(world.host, world.home, `reserve stage ${of.ref.stage}`, (registry) => {
      if (of.earlier === undefined) requireFewer(registry, of.most);
      const slots = Object.values(registry.entries).map((other) => other.slot);
      const entry: RegistryEntry = {
        key: of.name,
        worktreePath: of.path,
        branch: of.branch,
        baseRef: of.ask.manifest.key,
        baseCommit: of.base,
        repository: of.ask.repository.commonDir,
        phase: "implementation",
        stage: of.ref.stage,
        plan: of.plan.content,
        cycle: of.plan.cycle,
        status: "pending",
        intent: { newBranch: of.earlier === undefined, runFolder: runPaths("", of.ref).folder, seq: of.ref.seq },
        holder: holderOf(world, printRun(of.ref), of.ask.nonce),
        slot: of.earlier?.slot ?? freeSlot(slots, busy),
        implementationBase: {},
        createdAt: now,
        updatedAt: now,
      };
      made.entry = entry;
      return { ...registry, entries: { ...registry.entries, ...anchored(registry, of), [of.name]: entry } };
    }),
  );
  if (made.entry === undefined) throw new Error("the registry did not change");
  return made.entry;
}

/** The task's entry with the commit that all stages without dependencies start from; nothing where it is recorded. */
function anchored(registry: Registry, { ask, plan, stage, base }: PendingAsk): Registry["entries"] {
  const name = segmentPath(ask.key);
  const entry = registry.entries[name];
  const at = anchorName(plan);
  if (entry === undefined || baseKind(stage).kind !== "anchor" || entry.implementationBase[at] !== undefined) return {};
  return { [name]: { ...entry, implementationBase: { ...entry.implementationBase, [at]: base } } };
}

function startedRow(world: World, held: Held): LedgerRow {
  const { hold, entry } = held;
  return {
    schemaVersion: 1,
    impl_task_key: entry.key.split("#")[0] ?? entry.key,
    stage: hold.stage.stageNumber,
    status: "started",
    plan: hold.plan.content,
    cycle: hold.plan.cycle,
    attempt: hold.attempt,
    started_at: nowOf(world),
    head_commit: hold.base,
    carry_path: null,
    run: printRun(hold.ref),
    source: "prepare",
    machine: world.host.machine.name,
  };
}
