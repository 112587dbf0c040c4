/**
 * Commits that records name and that a rebase replaced (worktrees.md, Carry). A stage's head is stale when its branch, or after its
 * merge the task branch, no longer holds it. Its successor is proven by patch ids: each of its commits has one that changes the same;
 * or by the trailer of the merge that the engine made. What cannot be proven is left, with the reason why.
 *
 *   recorded head --held by the branch it belongs to?--> yes: as it should be
 *                  no: all patch ids found there, or the merge's trailer --> a new ledger row `done` with the successor
 */
import { segmentPath } from "../../lifecycle/index.ts";
import { take } from "../../model/index.ts";
import {
  appendLedger,
  changeRegistry,
  entryKey,
  examineLedger,
  examineRegistry,
  holderAlive,
  mergeEntryKey,
  occupied,
  stageStates,
} from "../../registry/index.ts";
import type { LedgerRow, Registry, RegistryEntry } from "../../registry/registry.schema.ts";
import { anchorName } from "../prepare/recover.ts";
import { correctedRow, isBuilt } from "../stage-states.ts";
import { nowOf, placeOf, type World } from "../world.ts";
import type { TaskFacts } from "./task-facts.ts";

export type StaleCommit = {
  /** `anchor`: what stages without dependencies start from; `base`: what the task's work starts from. */
  readonly what: "stage" | "anchor" | "base";
  readonly stage: number | null;
  readonly from: string;
  /** Null: nothing proves a successor, and `why` says what was looked for. */
  readonly to: string | null;
  readonly by: "patch-id" | "trailer" | "merge-base" | null;
  readonly why: string;
};

type Task = {
  readonly facts: TaskFacts;
  readonly entry: RegistryEntry;
  readonly entries: Registry["entries"];
  /** The present head of the task branch. */
  readonly head: string;
  readonly anchor: string;
  readonly rows: readonly LedgerRow[];
  readonly states: ReadonlyMap<number, LedgerRow>;
};

/** Looks only. Nothing for a task without an approved plan, a registered worktree or its branch. */
export async function staleCommits(world: World, facts: TaskFacts): Promise<StaleCommit[]> {
  const task = await taskOf(world, facts);
  if (task === undefined) return [];
  const stages: StaleCommit[] = [];
  for (const row of task.states.values()) {
    const found = await staleStage(world, task, row);
    if (found !== undefined) stages.push(found);
  }
  return [...stages, ...(await staleAnchor(world, task)), ...(await staleBase(world, task, stages.length > 0))];
}

/** Corrects what has a proven successor. The caller holds the task lock. Gives all that was stale. */
export async function correctStale(world: World, facts: TaskFacts): Promise<StaleCommit[]> {
  const stale = await staleCommits(world, facts);
  const task = await taskOf(world, facts);
  if (task === undefined) return [];
  for (const { what, stage, to } of stale) {
    if (to === null) continue;
    if (what === "stage") await correctRow(world, task, { stage: stage ?? 0, to });
    else await correctEntry(world, task, { what, to });
  }
  return stale;
}

async function taskOf(world: World, facts: TaskFacts): Promise<Task | undefined> {
  const { manifest, project, key } = facts;
  const plan = manifest?.plans.at(-1)?.content;
  const { entries } = take(await examineRegistry(world.host, world.home));
  const entry = entries[segmentPath(key)];
  const ledger = await examineLedger(world.host, placeOf(world, project.projectRoot, key));
  if (manifest === null || plan === undefined || entry === undefined || !ledger.ok) return undefined;
  const head = await commitOf(world, entry, `refs/heads/${entry.branch}`);
  if (head === undefined) return undefined;
  const { rows } = ledger.value;
  const anchor = anchorName({ content: plan, cycle: manifest.cycle });
  return { facts, entry, entries, head, anchor, rows, states: stageStates(rows, plan, manifest.cycle) };
}

const commitOf = (world: World, { repository }: RegistryEntry, name: string): Promise<string | undefined> =>
  world.host.git.resolve(repository, `${name}^{commit}`);

async function staleStage(world: World, task: Task, row: LedgerRow): Promise<StaleCommit | undefined> {
  if (!isBuilt(row)) return undefined;
  const { entry } = task;
  const own = task.entries[entryKey(task.facts.key, row.stage)];
  const merge = task.entries[mergeEntryKey(task.facts.key, row.stage)];
  // A run that is still under way merges and records by itself.
  if ([own, merge].some((one) => one !== undefined && occupied(one) && holderAlive(world.host, one))) return undefined;
  const there = (await commitOf(world, entry, row.head_commit)) !== undefined;
  if (there && (await isIn(world, entry, row.head_commit, task.head))) return undefined;
  const branch = own === undefined ? undefined : await commitOf(world, own, `refs/heads/${own.branch}`);
  const merged = mergersOf(task.facts, row.stage).length > 0;
  if (!merged && (branch === undefined || (there && (await isIn(world, entry, row.head_commit, branch)))))
    return undefined;
  const onto = merged ? task.head : (branch ?? task.head);
  const base = task.rows.find((one) => one.status === "started" && sameAttempt(one, row))?.head_commit;
  const found = await successor(world, entry, { row, base, there, onto, mergers: mergersOf(task.facts, row.stage) });
  return { what: "stage", stage: row.stage, from: row.head_commit, ...found };
}

const sameAttempt = (a: LedgerRow, b: LedgerRow): boolean =>
  a.plan === b.plan && a.cycle === b.cycle && a.stage === b.stage && a.attempt === b.attempt;

/** Runs that merged the stage: the one that built it, or one that only merged. */
const mergersOf = ({ runs }: TaskFacts, stage: number): string[] =>
  runs
    .filter(
      ({ ref, journal }) =>
        ref.stage === stage &&
        (journal?.events ?? []).some((event) => event.type === "merge.done" && event.data.state === "merged"),
    )
    .map(({ id }) => id);

const isIn = (world: World, { repository }: RegistryEntry, commit: string, head: string): Promise<boolean> =>
  world.host.git.isAncestor(repository, commit, head);

type Successor = Pick<StaleCommit, "to" | "by" | "why">;
type Sought = {
  readonly row: LedgerRow;
  readonly base: string | undefined;
  /** Whether git still has the recorded head. */
  readonly there: boolean;
  readonly onto: string;
  readonly mergers: readonly string[];
};

async function successor(world: World, entry: RegistryEntry, sought: Sought): Promise<Successor> {
  const { row, base, there, onto, mergers } = sought;
  const patches: Successor =
    there && base !== undefined
      ? await byPatches(world, entry, { base, head: row.head_commit, onto })
      : { to: null, by: null, why: `git no longer has ${row.head_commit.slice(0, 12)}` };
  if (patches.to !== null) return patches;
  const start = there ? row.head_commit : base;
  if (start === undefined || (await commitOf(world, entry, start)) === undefined) return patches;
  const merge = (await world.host.git.commits(entry.repository, start, onto)).findLast(
    ({ trailers, parents }) =>
      parents.length === 2 && (trailers["okstra-run"] ?? []).some((run) => mergers.includes(run)),
  );
  const to = merge?.parents[1];
  return to === undefined ? patches : { to, by: "trailer", why: "" };
}

type Range = { readonly base: string; readonly head: string; readonly onto: string };

/** The commit in `onto` that stands for `head`, when each commit of `base..head` has one there that changes the same. */
async function byPatches(world: World, { repository }: RegistryEntry, { base, head, onto }: Range): Promise<Successor> {
  const { git } = world.host;
  const left = (why: string): Successor => ({ to: null, by: null, why });
  const old = await git.patchIds(repository, base, head);
  if (old.length === 0) return left("its commits change nothing, so nothing tells them again");
  const fresh = new Map((await git.patchIds(repository, head, onto)).map(({ commit, patch }) => [patch, commit]));
  const gone = old.find(({ patch }) => !fresh.has(patch));
  if (gone !== undefined) {
    const subject = (await git.commit(repository, gone.commit))?.subject ?? "";
    return left(`no commit there changes the same as ${gone.commit.slice(0, 12)} (${subject})`);
  }
  const heirs = old.map(({ patch }) => fresh.get(patch) ?? "");
  const to = heirs.at(-1) ?? "";
  for (const heir of heirs)
    if (!(await git.isAncestor(repository, heir, to))) return left("its commits stand in another order there");
  return { to, by: "patch-id", why: "" };
}

/** Of a task branch with an anchor that it no longer holds. */
async function staleAnchor(world: World, { entry, head, anchor }: Task): Promise<StaleCommit[]> {
  const from = entry.implementationBase[anchor];
  if (from === undefined) return [];
  const there = (await commitOf(world, entry, from)) !== undefined;
  if (there && (await isIn(world, entry, from, head))) return [];
  const before = there ? await commitOf(world, entry, `${from}^`) : undefined;
  const found: Successor =
    before === undefined
      ? { to: null, by: null, why: `git no longer has ${from.slice(0, 12)}` }
      : await byPatches(world, entry, { base: before, head: from, onto: head });
  return [{ what: "anchor", stage: null, from, ...found }];
}

/** After a rebase onto a newer base, the work begins where both part now; else what others did there counted as the task's. */
async function staleBase(world: World, { entry, head }: Task, rewritten: boolean): Promise<StaleCommit[]> {
  const from = entry.baseCommit;
  const isHeld = (await commitOf(world, entry, from)) !== undefined && (await isIn(world, entry, from, head));
  if (isHeld && !rewritten) return [];
  const base = await commitOf(world, entry, entry.baseRef);
  const to = base === undefined ? undefined : await world.host.git.mergeBase(entry.repository, base, head);
  if (to === from) return [];
  if (to !== undefined && (!isHeld || (await isIn(world, entry, from, to))))
    return [{ what: "base", stage: null, from, to, by: "merge-base", why: "" }];
  if (isHeld) return [];
  const why =
    base === undefined
      ? `${entry.baseRef} is not there`
      : `the task branch and ${entry.baseRef} have nothing in common`;
  return [{ what: "base", stage: null, from, to: null, by: null, why }];
}

/** A correction is a row of its own. */
async function correctRow(world: World, { facts, states }: Task, of: { stage: number; to: string }): Promise<void> {
  const row = states.get(of.stage);
  if (row === undefined) throw new Error(`stage ${of.stage} has no row`);
  const place = placeOf(world, facts.project.projectRoot, facts.key);
  const { machine } = world.host;
  take(
    await appendLedger(
      world.host,
      place,
      correctedRow(row, { head: of.to, time: nowOf(world), machine: machine.name }),
    ),
  );
}

async function correctEntry(world: World, task: Task, of: { what: "anchor" | "base"; to: string }): Promise<void> {
  const name = segmentPath(task.facts.key);
  take(
    await changeRegistry(world.host, world.home, `correct ${name}`, (registry) => {
      const entry = registry.entries[name];
      if (entry === undefined) return undefined;
      const implementationBase = { ...entry.implementationBase, [task.anchor]: of.to };
      const changed = of.what === "base" ? { ...entry, baseCommit: of.to } : { ...entry, implementationBase };
      return { ...registry, entries: { ...registry.entries, [name]: { ...changed, updatedAt: nowOf(world) } } };
    }),
  );
}
