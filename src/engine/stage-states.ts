/** Where each stage of an approved plan stands: ledger, registry and merges put together. */
import { segmentPath } from "../lifecycle/index.ts";
import type { RunSummary, TaskManifest } from "../lifecycle/task.schema.ts";
import { fault, readRun, shellWord, take } from "../model/index.ts";
import {
  entryKey,
  type FoundProject,
  holderAlive,
  occupied,
  readJournal,
  readLedger,
  readRegistry,
  stageStates,
} from "../registry/index.ts";
import type { LedgerRow } from "../registry/registry.schema.ts";
import { type Readiness, readiness, type StageRecord, type Taken } from "../stages/index.ts";
import type { Plan } from "../stages/stage-map.schema.ts";
import { taskTreeOf } from "./task-tree-of.ts";
import { placeOf, type TaskKey, type World } from "./world.ts";

type PlanIdentity = { readonly content: string; readonly cycle: number };

export type StageRow = Readiness & {
  readonly dependsOn: readonly number[];
  readonly run: string | null;
  readonly branch: string | null;
  readonly headCommit: string | null;
  /** Whether a done stage is in the task branch; null while it is not done. */
  readonly merged: boolean | null;
};

/** Stages that the registry says are held, under this plan and cycle. */
export async function takenStages(world: World, key: TaskKey, plan: PlanIdentity): Promise<Map<number, Taken>> {
  const registry = take(await readRegistry(world.host, world.home));
  const own = `${segmentPath(key)}#`;
  const taken = new Map<number, Taken>();
  for (const [name, entry] of Object.entries(registry.entries)) {
    if (!name.startsWith(own) || entry.stage === null || !occupied(entry)) continue;
    if (entry.plan !== plan.content || entry.cycle !== plan.cycle) continue;
    taken.set(entry.stage, { run: entry.holder.run, since: entry.createdAt, alive: holderAlive(world.host, entry) });
  }
  return taken;
}

type Recorded = {
  readonly projectRoot: string;
  readonly key: TaskKey;
  readonly states: ReadonlyMap<number, LedgerRow>;
  readonly runs: readonly RunSummary[];
};

const mergeVerdicts: ReadonlySet<string | null> = new Set(["merged", "unmerged", "merge-conflict", "merge-blocked"]);

/** Runs that merged the stage, or tried to: the one that built it, and those that settle its merge since. */
function mergersOf(row: LedgerRow, runs: readonly RunSummary[]): readonly RunSummary[] {
  // What a person accepted was built by no run of okstra's: whichever merged the stage merged that.
  const seq = isAccepted(row) ? 1 : readRun(row.run).seq;
  return runs.filter(
    (run) =>
      run.taskType === "implementation" && run.stage === row.stage && run.seq >= seq && mergeVerdicts.has(run.verdict),
  );
}

const isAccepted = ({ source }: LedgerRow): boolean => source.startsWith(acceptedBySource);
const acceptedBySource = "accept-carry";

/** What the rows after it say of themselves: that a person accepted the stage's carry stays known. */
const sourceAfter = (row: LedgerRow, source: string): string =>
  isAccepted(row) ? `${acceptedBySource}, ${source}` : source;

/** The row that corrects a stage whose commits a rebase made anew. What was verified was another commit: the stage is done again. */
export const correctedRow = (
  row: LedgerRow,
  by: { readonly head: string; readonly time: string; readonly machine: string },
): LedgerRow => ({
  ...row,
  status: "done",
  head_commit: by.head,
  started_at: by.time,
  source: sourceAfter(row, "reconcile"),
  machine: by.machine,
});

/** A row that says a stage's head is as it is to be merged. */
export const isBuilt = ({ status }: Pick<LedgerRow, "status">): boolean => status === "done" || isVerified({ status });

/** What was handed over had been verified at that head, and is so still. */
export const isVerified = ({ status }: Pick<LedgerRow, "status">): boolean =>
  status === "verified" || status === "handed-off";

/** The row that an accepted verification of the stage appends to the one that says it is done; it names who built the stage still. */
export const verifiedRow = (done: LedgerRow, by: { readonly run: string; readonly time: string }): LedgerRow => ({
  ...done,
  status: "verified",
  started_at: by.time,
  source: sourceAfter(done, `verified by ${by.run}`),
});

/** The row that a hand-off of the stage appends to the one that says it is verified. */
export const handedOffRow = (verified: LedgerRow, by: { readonly run: string; readonly time: string }): LedgerRow => ({
  ...verified,
  status: "handed-off",
  started_at: by.time,
  source: sourceAfter(verified, `handed over by ${by.run}`),
});

/** The ledger's states; a done stage whose merge did not go through is `merge-conflict`, and others wait for it. */
export async function recordsOf(world: World, of: Recorded): Promise<Map<number, StageRecord>> {
  const records = new Map<number, StageRecord>();
  for (const [stage, row] of of.states) {
    const merge = isBuilt(row) ? await mergeStateOf(world, of, row) : row.status;
    records.set(stage, merge === "done" ? row.status : merge);
  }
  return records;
}

/**
 * A merge that did not go through is settled once the task branch holds the stage, whoever merged it; one whose merged tree did not
 * hold, once a run that settles it has validated it.
 */
async function mergeStateOf(
  world: World,
  of: Recorded,
  row: LedgerRow,
): Promise<"done" | "unmerged" | "merge-conflict"> {
  const mergers = mergersOf(row, of.runs);
  const verdict = mergers.at(-1)?.verdict ?? (isAccepted(row) ? "unmerged" : "merged");
  if (verdict === "merged") return "done";
  for (const { id, verdict: one } of mergers)
    if (one === "merge-blocked" && (await wasMerged(world, of, id))) return "merge-conflict";
  if (await isMerged(world, of, row.head_commit)) return "done";
  return verdict === "unmerged" ? verdict : "merge-conflict";
}

/** Merged by the run itself; then it is the merged tree that did not hold. */
async function wasMerged(world: World, { projectRoot, key }: Recorded, run: string): Promise<boolean> {
  const { events } = take(await readJournal(world.host, placeOf(world, projectRoot, key), readRun(run)));
  const merge = events.findLast((event) => event.type === "merge.done");
  return merge?.type === "merge.done" && merge.data.state === "merged";
}

async function isMerged(world: World, of: Recorded, commit: string): Promise<boolean> {
  const tree = taskTreeOf(world, of);
  if ((await world.host.files.look(tree)) === undefined) return false;
  const head = await world.host.git.head(tree);
  return head !== undefined && (await world.host.git.isAncestor(tree, commit, head.commit));
}

/** One row a stage, in the order of their numbers. */
export async function stageRows(
  world: World,
  project: FoundProject,
  of: { readonly key: TaskKey; readonly manifest: TaskManifest; readonly plan: PlanIdentity & { readonly plan: Plan } },
): Promise<readonly StageRow[]> {
  const rows = take(await readLedger(world.host, placeOf(world, project.projectRoot, of.key)));
  const states = stageStates(rows, of.plan.content, of.plan.cycle);
  const taken = await takenStages(world, of.key, of.plan);
  const registry = take(await readRegistry(world.host, world.home));
  const records = await recordsOf(world, {
    projectRoot: project.projectRoot,
    key: of.key,
    states,
    runs: of.manifest.runs,
  });
  return readiness(of.plan.plan.stageMap, records, taken).map((row) => {
    const ledger = states.get(row.stageNumber);
    const stage = of.plan.plan.stageMap.stages.find((one) => one.stageNumber === row.stageNumber);
    const record = records.get(row.stageNumber) ?? "released";
    return {
      ...row,
      dependsOn: stage?.dependsOn ?? [],
      run: taken.get(row.stageNumber)?.run ?? ledger?.run ?? null,
      branch: registry.entries[entryKey(of.key, row.stageNumber)]?.branch ?? null,
      headCommit:
        ledger === undefined || ledger.status === "started" || ledger.status === "released" ? null : ledger.head_commit,
      merged:
        record === "started" || record === "released" ? null : record !== "unmerged" && record !== "merge-conflict",
    };
  });
}

type OneStage = Omit<WholeTask, "taskTree"> & { readonly stage: number };

/** The newest ledger row of a stage that is done. Throws `unknown-stage`, or `stages-unfinished` when it is not built. */
export async function requireStageDone(world: World, project: FoundProject, of: OneStage): Promise<LedgerRow> {
  const { stages } = of.plan.plan.stageMap;
  const { key } = of.manifest;
  if (!stages.some(({ stageNumber }) => stageNumber === of.stage)) {
    const known = stages.map(({ stageNumber }) => stageNumber).join(", ");
    const message = `The plan has no stage ${of.stage}; it has ${known}`;
    throw fault("unknown-stage", message, `okstra status ${shellWord(key)} shows them`, { stage: of.stage });
  }
  const rows = take(await readLedger(world.host, placeOf(world, project.projectRoot, of.key)));
  const row = stageStates(rows, of.plan.content, of.plan.cycle).get(of.stage);
  if (row !== undefined && isBuilt(row)) return row;
  const build = `Build it: okstra implement ${shellWord(key)} --stage ${of.stage}`;
  throw fault("stages-unfinished", `Stage ${of.stage} is not done, so it cannot be verified`, build, {
    stage: of.stage,
  });
}

type WholeTask = {
  readonly key: TaskKey;
  readonly manifest: TaskManifest;
  readonly plan: PlanIdentity & { readonly plan: Plan };
  readonly taskTree: string;
};

/** The whole-task verification gate: every stage done and merged into the task branch. Throws `stages-unfinished`. */
export async function requireEveryStageMerged(world: World, project: FoundProject, of: WholeTask): Promise<void> {
  const rows = await stageRows(world, project, of);
  const unfinished = rows.filter((row) => row.state !== "done" && row.state !== "verified");
  const head = await world.host.git.head(of.taskTree);
  const unmerged: StageRow[] = [];
  for (const row of rows.filter((one) => one.headCommit !== null && !unfinished.includes(one))) {
    if (head === undefined || !(await world.host.git.isAncestor(of.taskTree, row.headCommit ?? "", head.commit)))
      unmerged.push(row);
  }
  const open = [...unfinished, ...unmerged];
  if (open.length === 0) return;
  throw fault(
    "stages-unfinished",
    `Stages are not done and merged: ${open.map((row) => `${row.stageNumber} (${unmerged.includes(row) ? "unmerged" : row.state})`).join(", ")}`,
    unfinished.length > 0
      ? `Build them: okstra implement ${shellWord(of.manifest.key)}`
      : `Merge them: okstra integrate ${shellWord(of.manifest.key)}`,
    { stages: open.map((row) => ({ stage: row.stageNumber, state: row.state })) },
  );
}
