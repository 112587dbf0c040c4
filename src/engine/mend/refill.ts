/**
 * Writes ledger rows again that were lost: `started` from the runs' manifests, `done` from carries that a journal vouches for
 * (worktrees.md, Refilling), `released` where nobody holds what was started. What stands in the ledger is never contradicted: a run
 * that a later attempt has followed adds nothing.
 */
import { type TaskKey, take } from "../../model/index.ts";
import {
  appendLedger,
  entryKey,
  examineLedger,
  examineRegistry,
  type FoundProject,
  mendLedger,
  missingDoneRows,
  occupied,
  type RegistrySeen,
  stageStates,
  taskLock,
  withLock,
} from "../../registry/index.ts";
import type { LedgerRow } from "../../registry/registry.schema.ts";
import { waiting } from "../prepare/task-tree.ts";
import { nowOf, placeOf, type World } from "../world.ts";
import { type KnownRun, type TaskFacts, taskFacts } from "./task-facts.ts";

export type Refill = {
  /** `started` (and for earlier attempts `released`) rows of runs that the ledger does not know. */
  readonly lost: readonly LedgerRow[];
  /** `done` rows that a carry proves. */
  readonly done: readonly LedgerRow[];
  /** `released` rows of stages that stand as started and that nobody holds. */
  readonly freed: readonly LedgerRow[];
};

const nothing: Refill = { lost: [], done: [], freed: [] };

/** What would be written. Looks only. */
export async function planRefill(world: World, facts: TaskFacts): Promise<Refill> {
  const place = placeOf(world, facts.project.projectRoot, facts.key);
  const plan = facts.manifest?.plans.at(-1)?.content;
  const registry = take(await examineRegistry(world.host, world.home));
  if (plan === undefined || facts.manifest === null || registry.is === "broken" || registry.is === "newer")
    return nothing;
  const { cycle } = facts.manifest;
  const { rows } = take(await examineLedger(world.host, place));
  const builds = buildsOf(facts, registry).filter(({ manifest }) => manifest.plan === plan && manifest.cycle === cycle);
  const lost = lostRows(world, rows, builds);
  const journalCarries = facts.runs.flatMap(({ ref, journal }) =>
    (journal?.events ?? []).flatMap((event) =>
      event.type === "carry.written" && ref.stage !== null ? [{ stage: ref.stage, sha256: event.data.sha256 }] : [],
    ),
  );
  const branchHead = branchHeads(world, facts, registry);
  const ask = { plan, cycle, journalCarries, branchHead, rows: [...rows, ...lost] };
  const done = take(await missingDoneRows(world.host, place, ask));
  const freed = freedRows(world, facts, { registry, states: stageStates([...rows, ...lost, ...done], plan, cycle) });
  return { lost, done, freed };
}

/** The caller holds the task lock. Gives the rows that were added. Throws `malformed` for a ledger that cannot be read. */
export async function refillLedger(world: World, facts: TaskFacts): Promise<readonly LedgerRow[]> {
  const place = placeOf(world, facts.project.projectRoot, facts.key);
  const { lost, done, freed } = await planRefill(world, facts);
  const added: LedgerRow[] = [];
  for (const row of [...lost, ...done, ...freed]) if (take(await appendLedger(world.host, place, row))) added.push(row);
  return added;
}

/** The same for one task, with a ledger that cannot be read set aside first. Says what was done. */
export async function refillTask(world: World, project: FoundProject, key: TaskKey): Promise<string> {
  const place = placeOf(world, project.projectRoot, key);
  const mend = async (): Promise<string> => {
    const aside = take(await mendLedger(world.host, place));
    const rows = await refillLedger(world, await taskFacts(world, project, key));
    const told = rows.map(({ stage, status }) => `stage ${stage} ${status}`).join(", ");
    return [
      ...(aside === null ? [] : [`kept the ledger as it was at ${aside}`]),
      told === "" ? "no row was lost" : `wrote rows again: ${told}`,
    ].join("; ");
  };
  return await withLock(world.host, taskLock(world.home, key), "refill the ledger", mend, waiting(world));
}

type Build = { readonly id: string; readonly stage: number; readonly manifest: NonNullable<KnownRun["manifest"]> };

/** Runs that built a stage, oldest first; not one that is being prepared, whose row is yet to come. */
function buildsOf(facts: TaskFacts, registry: RegistrySeen): Build[] {
  const listed = new Set(facts.manifest?.runs.map(({ id }) => id));
  return facts.runs
    .flatMap(({ id, ref, manifest }) =>
      manifest === null || ref.stage === null ? [] : [{ id, stage: ref.stage, manifest }],
    )
    .filter(({ id, stage, manifest }) => {
      const entry = registry.entries[entryKey(facts.key, stage)];
      // A run that only merges has no rows.
      if (manifest.invocation.integrate !== undefined) return false;
      return listed.has(id) && !(entry?.status === "pending" && entry.holder.run === id);
    })
    .sort((a, b) => a.stage - b.stage || a.manifest.attempt - b.manifest.attempt);
}

function lostRows(world: World, rows: readonly LedgerRow[], builds: readonly Build[]): LedgerRow[] {
  const known = new Set(rows.map(({ run }) => run));
  return builds.flatMap(({ id, stage, manifest }) => {
    const { plan, cycle, attempt, reviewedCommit } = manifest;
    const ofStage = rows.filter((row) => row.plan === plan && row.cycle === cycle && row.stage === stage);
    if (known.has(id) || plan === null || reviewedCommit === null) return [];
    if (ofStage.some((row) => row.attempt >= attempt)) return [];
    const started: LedgerRow = {
      schemaVersion: 1,
      impl_task_key: manifest.taskKey,
      stage,
      status: "started",
      plan,
      cycle,
      attempt,
      started_at: manifest.createdAt,
      head_commit: reviewedCommit,
      carry_path: null,
      run: id,
      source: "refill",
      machine: world.host.machine.name,
    };
    const followed = builds.some((other) => other.stage === stage && other.manifest.attempt > attempt);
    return followed ? [started, { ...started, status: "released" as const }] : [started];
  });
}

/** A stage's branch is that of its entry; of one whose worktree was removed, that of its newest run. */
function branchHeads(world: World, facts: TaskFacts, registry: RegistrySeen) {
  return async (stage: number): Promise<string | undefined> => {
    const newest = facts.runs.findLast(({ ref }) => ref.stage === stage)?.manifest;
    const branch = registry.entries[entryKey(facts.key, stage)]?.branch ?? newest?.worktree.branch ?? undefined;
    return branch === undefined
      ? undefined
      : await world.host.git.resolve(facts.project.projectRoot, `refs/heads/${branch}`);
  };
}

type Standing = { readonly registry: RegistrySeen; readonly states: ReadonlyMap<number, LedgerRow> };

function freedRows(world: World, facts: TaskFacts, { registry, states }: Standing): LedgerRow[] {
  return [...states.values()].flatMap((row) => {
    const entry = registry.entries[entryKey(facts.key, row.stage)];
    const held = entry !== undefined && occupied(entry) && (entry.status === "pending" || entry.holder.run === row.run);
    if (row.status !== "started" || held) return [];
    return [{ ...row, status: "released" as const, started_at: nowOf(world), source: "refill" }];
  });
}
