/**
 * Reserves a done stage for a run that merges it, and makes the worktree in which that is settled: on a branch of its own, from the
 * head of the task branch. What an earlier run left there unsettled is taken over, so that nobody settles a conflict twice.
 *
 *   done, unmerged -> pending (tree made) -> active -> released (unsettled: the next run goes on) | gone (taken)
 */
import type { Repository } from "../../host/index.ts";
import { homePaths, runPaths, worktreePaths } from "../../lifecycle/index.ts";
import type { TaskManifest } from "../../lifecycle/task.schema.ts";
import { type Fault, fault, printRun, type RunRef, shellWord, take } from "../../model/index.ts";
import { changeRegistry, holderAlive, mergeEntryKey, readRegistry, taskLock, withLock } from "../../registry/index.ts";
import type { RegistryEntry } from "../../registry/registry.schema.ts";
import type { Stage } from "../../stages/stage-map.schema.ts";
import { addTree, fillTree, freeSlot, undoTree } from "../../worktrees/index.ts";
import type { Confinement } from "../confinement.ts";
import { type StageRow, stageRows } from "../stage-states.ts";
import { nowOf, type ProjectPlace, type TaskKey, type World } from "../world.ts";
import { type ApprovedPlan, requireApprovedPlan } from "./approved-plan.ts";
import { holderOf } from "./holder.ts";
import { confinedSetup, provisionOf } from "./provision.ts";
import { requireFewer, requireQuota } from "./quota.ts";
import { discardRunFiles, recoverPending, undoEntry } from "./recover.ts";
import { nextSequence, type StageHold, stageBranch } from "./stage-tree.ts";
import { activate, refOf, waiting } from "./task-tree.ts";
import type { Undo } from "./undo.ts";

type Ask = {
  readonly manifest: TaskManifest;
  readonly key: TaskKey;
  readonly stage: number;
  /** Gives up what was settled so far: a rescue ref keeps it. */
  readonly restart: boolean;
  readonly nonce: string;
  readonly repository: Repository;
  readonly taskTree: string;
  readonly confinement: Confinement;
};

/** Throws `unknown-stage`, `stage-waiting` (not done), `stage-done` (merged), `stage-taken`, and what making a tree throws. */
export async function holdMerge(world: World, project: ProjectPlace, ask: Ask, tx: Undo): Promise<StageHold> {
  await requireQuota(world, project);
  const lock = taskLock(world.home, ask.key);
  const reserve = () => reserveMerge(world, project, ask, tx);
  const held = await withLock(world.host, lock, "reserve a merge", reserve, waiting(world));
  const { entry, hold, isNew } = held;
  const place = { world, project, confinement: ask.confinement };
  const confined = confinedSetup(place, { ref: hold.ref, slot: entry.slot });
  const tree = { repository: ask.repository, path: entry.worktreePath, entry, confined };
  const notes = isNew ? take(await fillTree(world.host, await provisionOf(world, project, tree))).notes : [];
  return { ...hold, notes, settle: () => activate(world, entry.key, ask.nonce) };
}

type Held = {
  readonly entry: RegistryEntry;
  readonly isNew: boolean;
  readonly hold: Omit<StageHold, "notes" | "settle">;
};

async function reserveMerge(world: World, project: ProjectPlace, ask: Ask, tx: Undo): Promise<Held> {
  await recoverPending(world, project, ask.key);
  const plan = await requireApprovedPlan(world, project.projectRoot, ask.manifest, ask.key);
  const rows = await stageRows(world, project, { key: ask.key, manifest: ask.manifest, plan });
  const stage = requireUnmerged(plan, rows, ask);
  const head = await world.host.git.head(ask.taskTree);
  if (head === undefined)
    throw fault("git-failed", `${ask.taskTree} has no commit checked out`, "Look at it with git status", {});
  const seq = await nextSequence(world, project.projectRoot, ask.key, ask.stage);
  const ref: RunRef = { key: ask.key, taskType: "implementation", stage: ask.stage, seq };
  const left = await leftOver(world, project, { ask, plan });
  const of: Reserve = { ask, plan, ref, base: head.commit };
  const entry = left === undefined ? await make(world, project, of, tx) : await takeUp(world, of, left, tx);
  const worktree = refOf(entry, left === undefined ? "created" : "reused", "");
  const hold = { ref, stage, plan, worktree, base: head.commit, attempt: 1, nonce: ask.nonce };
  return { entry, isNew: left === undefined, hold };
}

/** The stage, when there is something to merge. */
function requireUnmerged(plan: ApprovedPlan, rows: readonly StageRow[], { manifest, stage: wanted }: Ask): Stage {
  const stage = plan.plan.stageMap.stages.find((one) => one.stageNumber === wanted);
  const row = rows.find((one) => one.stageNumber === wanted);
  if (stage === undefined || row === undefined) {
    const last = rows.at(-1)?.stageNumber ?? 0;
    const message = `There is no stage ${wanted}; the plan has stages 1 to ${last}`;
    throw fault("unknown-stage", message, `See them with: okstra status ${shellWord(manifest.key)}`, {
      stage: wanted,
      stages: last,
    });
  }
  if (row.merged === null) {
    const message = `Stage ${wanted} (${stage.title}) is not done, so there is nothing to merge`;
    const remedy = `Build it first: okstra implement ${shellWord(manifest.key)} --stage ${wanted}`;
    throw fault("stage-waiting", message, remedy, { stage: wanted, state: row.state });
  }
  if (!row.merged) return stage;
  const message = `Stage ${wanted} (${stage.title}) is in the task branch already`;
  throw fault("stage-done", message, `See where the task stands: okstra status ${shellWord(manifest.key)}`, {
    stage: wanted,
  });
}

/** The tree of an earlier run that did not settle it. Throws `stage-taken` when a run holds it. */
async function leftOver(
  world: World,
  project: ProjectPlace,
  { ask, plan }: Pick<Reserve, "ask" | "plan">,
): Promise<RegistryEntry | undefined> {
  const entry = take(await readRegistry(world.host, world.home)).entries[mergeEntryKey(ask.key, ask.stage)];
  if (entry === undefined) return undefined;
  if (entry.status !== "released") await freeOfTheDead(world, project, ask, entry);
  const gone = (await world.host.files.look(entry.worktreePath)) === undefined;
  if (!ask.restart && !gone && entry.plan === plan.content) return entry;
  await clearMergeTree(world, { repository: ask.repository, key: ask.key, entry });
  return undefined;
}

type Clear = { readonly repository: Repository; readonly key: TaskKey; readonly entry: RegistryEntry };

/** Takes the tree away; work in it that no branch holds is kept by a rescue ref. The caller holds the task lock. */
export async function clearMergeTree(world: World, { repository, key, entry }: Clear): Promise<void> {
  const { worktreePath: path, branch, baseCommit } = entry;
  const of = { repository, path, branch, baseCommit, newBranch: true, key };
  const { rescue } = take(await undoTree(world.host, world.home, of));
  if (rescue !== null) world.say(`What was settled in ${path} so far is kept at ${rescue}`);
  await world.host.files.removeTree(homePaths(world.home).slot(entry.slot));
  take(
    await changeRegistry(world.host, world.home, `clear ${entry.key}`, (registry) => {
      const { [entry.key]: now, ...others } = registry.entries;
      return now?.holder.nonce === entry.holder.nonce ? { ...registry, entries: others } : undefined;
    }),
  );
}

/** A run that was never listed never came to be; its files go. */
async function freeOfTheDead(world: World, project: ProjectPlace, ask: Ask, entry: RegistryEntry): Promise<void> {
  const listed = ask.manifest.runs.some((run) => run.id === entry.holder.run && run.endedAt === null);
  if (holderAlive(world.host, entry) || listed) throw isTaken(entry, ask);
  if (entry.intent === null || ask.manifest.runs.some((run) => run.id === entry.holder.run)) return;
  const { seq } = entry.intent;
  await discardRunFiles(world, project, { key: ask.key, taskType: "implementation", stage: ask.stage, seq });
}

function isTaken({ holder }: RegistryEntry, { stage }: Ask): Fault {
  return fault(
    "stage-taken",
    `The merge of stage ${stage} is being settled by ${holder.run}`,
    `Go on with it (okstra resume ${shellWord(holder.run)}), or give it up: okstra cancel ${shellWord(holder.run)}`,
    { stage, run: holder.run },
  );
}

type Reserve = {
  readonly ask: Ask;
  readonly plan: ApprovedPlan;
  readonly ref: RunRef;
  readonly base: string;
};

async function make(world: World, project: ProjectPlace, of: Reserve, tx: Undo): Promise<RegistryEntry> {
  const { ask, plan, base } = of;
  const path = worktreePaths(world.home, ask.key).merge(ask.stage);
  const branch = `${stageBranch(ask, plan, ask.stage)}-merge`;
  const entry = await writePending(world, of, { path, branch, most: project.settings.worktreeMax });
  const lock = taskLock(world.home, ask.key);
  const undo = () => undoEntry(world, project, { name: entry.key, entry, key: ask.key });
  tx.onFailure(() => withLock(world.host, lock, "undo", undo));
  const add = { repository: ask.repository, path, branch, commit: base, newBranch: true };
  take(await addTree(world.host, world.home, add));
  return entry;
}

type Placed = { readonly path: string; readonly branch: string; readonly most: number | null };

async function writePending(world: World, of: Reserve, { path, branch, most }: Placed): Promise<RegistryEntry> {
  const { ask, plan, ref, base } = of;
  const now = nowOf(world);
  const name = mergeEntryKey(ask.key, ask.stage);
  const busy = await world.host.processes.listening();
  const made: { entry?: RegistryEntry } = {};
  take(
    await changeRegistry(world.host, world.home, `reserve the merge of stage ${ask.stage}`, (registry) => {
      requireFewer(registry, most);
      const slots = Object.values(registry.entries).map((other) => other.slot);
      const entry: RegistryEntry = {
        key: name,
        worktreePath: path,
        branch,
        baseRef: ask.manifest.key,
        baseCommit: base,
        repository: ask.repository.commonDir,
        phase: "implementation",
        stage: ask.stage,
        plan: plan.content,
        cycle: plan.cycle,
        status: "pending",
        intent: intentOf(ref),
        holder: holderOf(world, printRun(ref), ask.nonce),
        slot: freeSlot(slots, busy),
        implementationBase: {},
        createdAt: now,
        updatedAt: now,
      };
      made.entry = entry;
      return { ...registry, entries: { ...registry.entries, [name]: entry } };
    }),
  );
  if (made.entry === undefined) throw new Error("the registry did not change");
  return made.entry;
}

const intentOf = (ref: RunRef) => ({ newBranch: true, runFolder: runPaths("", ref).folder, seq: ref.seq });

/** Active at once and not pending: what lies in the tree is a person's work, which no undoing of a prepare may take. */
async function takeUp(world: World, of: Reserve, left: RegistryEntry, tx: Undo): Promise<RegistryEntry> {
  const { ask, ref } = of;
  const holder = holderOf(world, printRun(ref), ask.nonce);
  const entry: RegistryEntry = { ...left, status: "active", intent: intentOf(ref), holder, updatedAt: nowOf(world) };
  const put = (to: RegistryEntry) => async () => {
    take(
      await changeRegistry(world.host, world.home, `take up ${left.key}`, (registry) => ({
        ...registry,
        entries: { ...registry.entries, [left.key]: to },
      })),
    );
  };
  tx.onFailure(put({ ...left, status: "released", intent: null }));
  await put(entry)();
  return entry;
}
