/**
 * What every command that goes on with a task, or decides about it, does first: undoes or finishes what killed processes left of it.
 * - entries `pending` of the registry whose process is dead are undone, with all that their intent names;
 * - trees whose removal had begun are removed;
 * - a run that was not listed yet when its prepare was killed goes;
 * - a fix cycle that was opened or closed is in the task's manifest, and each of its runs in its rows;
 * - a run that ended and was killed before its hold was given back and its record written is settled;
 * - throwaway trees of dead processes, what was set aside to be deleted, and files that were half written, go.
 */
import { runFolder } from "../lifecycle/index.ts";
import { fault, printRun, type RunRef, readRun, type TaskKey, take, taskTypes } from "../model/index.ts";
import { readHead, readJournal, readTaskManifest, runLock, taskLock, withLock } from "../registry/index.ts";
import { cleanThrowaways, deleteLater, emptyTrash, findRepository } from "../worktrees/index.ts";
import { settleFixCycles } from "./fix-cycles.ts";
import { discardRunFiles, recoverPending } from "./prepare/recover.ts";
import { waiting } from "./prepare/task-tree.ts";
import { sequencesIn } from "./sequences.ts";
import { sweep } from "./sweep.ts";
import { finishRemovals } from "./trees/remove.ts";
import { type ProjectPlace, placeOf, type World } from "./world.ts";

/**
 * Settles the task of a run that is to go on; true when that run had ended and now has its record. Throws `not-a-run` when the run
 * itself had to be undone.
 */
export async function settleFor(world: World, project: ProjectPlace, ref: RunRef): Promise<boolean> {
  const id = printRun(ref);
  const { undone, recorded } = await settleTask(world, project, ref.key);
  if (!undone.includes(id)) return recorded.includes(id);
  throw fault(
    "not-a-run",
    `${id} never came to be: its prepare was killed, and what it had made is undone now`,
    "Start it again with the command that was to prepare it",
    { run: id },
  );
}

type Settled = { readonly undone: readonly string[]; readonly recorded: readonly string[] };

/** The caller holds no lock of the task. Says what it found, and gives the runs that were undone or got their record. */
export async function settleTask(world: World, project: ProjectPlace, key: TaskKey): Promise<Settled> {
  const lock = taskLock(world.home, key);
  const purpose = "look for what a kill left";
  const undone = await withLock(world.host, lock, purpose, () => undo(world, project, key), waiting(world));
  const recorded = await settleEndedRuns(world, project, key);
  const repository = take(await findRepository(world.host, project.projectRoot));
  await sweep(world, project, key);
  if (repository !== undefined) take(await cleanThrowaways(world.host, world.home, { repository, key }));
  take(await emptyTrash(world.host, world.home));
  return { undone, recorded };
}

async function undo(world: World, project: ProjectPlace, key: TaskKey): Promise<readonly string[]> {
  const undone = [...(await recoverPending(world, project, key))];
  for (const aside of await finishRemovals(world, project, key)) take(await deleteLater(world.host, aside));
  await settleFixCycles(world, placeOf(world, project.projectRoot, key));
  const listed = take(await readTaskManifest(world.host, placeOf(world, project.projectRoot, key)))?.runs ?? [];
  const known = new Set(listed.map((run) => run.id));
  for (const taskType of taskTypes) {
    if (taskType === "implementation") continue; // its runs have an entry in the registry, which says more
    // Only the newest can be unlisted: a prepare writes and lists it under one hold of the task lock.
    const seq = (await sequencesIn(world, runFolder(project.projectRoot, key, taskType, null), taskType)).at(-1);
    const ref: RunRef = { key, taskType, stage: null, seq: seq ?? 0 };
    if (seq === undefined || known.has(printRun(ref)) || !(await neverStarted(world, project, ref))) continue;
    await discardRunFiles(world, project, ref);
    world.say(`Undid what a killed prepare left of ${printRun(ref)}`);
    undone.push(printRun(ref));
  }
  return undone;
}

/** Whoever executed a run that is not listed did so long ago; what lists runs was lost, and the run is not ours to delete. */
async function neverStarted(world: World, project: ProjectPlace, ref: RunRef): Promise<boolean> {
  const journal = await readJournal(world.host, placeOf(world, project.projectRoot, ref.key), ref);
  return journal.ok && journal.value.events.length === 1;
}

/** A run is settled when its head in the home says so: that is written last. */
async function settleEndedRuns(world: World, project: ProjectPlace, key: TaskKey): Promise<readonly string[]> {
  const recorded: string[] = [];
  const place = placeOf(world, project.projectRoot, key);
  for (const { id } of take(await readTaskManifest(world.host, place))?.runs ?? []) {
    const ref = readRun(id);
    const head = take(await readHead(world.host, world.home, ref));
    // A home that knows nothing of a run did not prepare it, and must not vouch for a journal that it never saw.
    if (head === undefined || head.ended || !(await hasEnded(world, project, ref))) continue;
    const lock = await world.host.locks.tryAcquire(runLock(world.home, ref), "settle an ended run");
    if (lock === undefined) continue;
    await using _lock = lock;
    // Rarely needed, and much to load.
    const [{ settleEnd }, { openRun }] = await Promise.all([import("./ending.ts"), import("./execute.ts")]);
    await settleEnd(await openRun(world, project, ref));
    world.say(`Wrote the record of ${id}, which had ended and was stopped before`);
    recorded.push(id);
  }
  return recorded;
}

/** One whose journal cannot be read is left to doctor. */
async function hasEnded(world: World, project: ProjectPlace, ref: RunRef): Promise<boolean> {
  const journal = await readJournal(world.host, placeOf(world, project.projectRoot, ref.key), ref);
  return journal.ok && journal.value.events.at(-1)?.type === "run.ended";
}
