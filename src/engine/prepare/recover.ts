/**
 * Undoes what a killed prepare left: registry entries `pending` whose holder is dead. Called by whoever takes the task lock,
 * before anything else. Undo is idempotent, so it may itself be killed: the entry stays pending until all else is undone.
 *
 *   pending(holder dead) -> end its processes -> tree and branch undone -> run unlisted, its files gone -> ledger row released
 *   -> entry gone
 */
import { homePaths, runPaths, segmentPath, taskPaths } from "../../lifecycle/index.ts";
import { type RunRef, take } from "../../model/index.ts";
import {
  appendLedger,
  changeRegistry,
  holderAlive,
  readLedger,
  readRegistry,
  readTaskManifest,
  type TaskPlace,
  writeTaskManifest,
} from "../../registry/index.ts";
import type { Registry, RegistryEntry } from "../../registry/registry.schema.ts";
import { findRepository, undoTree } from "../../worktrees/index.ts";
import { outwaitGit } from "../outwait.ts";
import { nowOf, type ProjectPlace, placeOf, type TaskKey, type World } from "../world.ts";
import { holdMark } from "./holder.ts";

/** The caller holds the task lock. Says what it undid, and gives the runs that thereby never came to be. */
export async function recoverPending(world: World, project: ProjectPlace, key: TaskKey): Promise<readonly string[]> {
  const undone: string[] = [];
  const registry = take(await readRegistry(world.host, world.home));
  const own = segmentPath(key);
  for (const [name, entry] of Object.entries(registry.entries)) {
    if (name !== own && !name.startsWith(`${own}#`)) continue;
    if (entry.status !== "pending" || holderAlive(world.host, entry)) continue;
    await undoEntry(world, project, { name, entry, key });
    world.say(`Undid what a killed prepare left of ${name} (${entry.holder.run})`);
    undone.push(entry.holder.run);
  }
  return undone;
}

type Pending = { readonly name: string; readonly entry: RegistryEntry; readonly key: TaskKey };

/** Takes back one entry, given as it was when pending: everything its intent names, and nothing else. */
export async function undoEntry(world: World, project: ProjectPlace, pending: Pending): Promise<void> {
  const { name, entry, key } = pending;
  if (!(await markPending(world, pending))) return;
  await outwaitGit(world, entry.holder);
  await world.host.processes.end(await world.host.processes.withMark(holdMark, entry.holder.nonce), 2_000);
  const repository = take(await findRepository(world.host, project.projectRoot));
  if (repository !== undefined && !tookOver(entry)) {
    const undone = take(
      await undoTree(world.host, world.home, {
        repository,
        path: entry.worktreePath,
        branch: entry.branch,
        baseCommit: entry.baseCommit,
        newBranch: entry.intent?.newBranch ?? false,
        key,
      }),
    );
    if (undone.rescue !== null) world.say(`Work found in ${entry.worktreePath} is kept at ${undone.rescue}`);
  }
  // The next one to get the slot must not find this one's temporary files and HOME.
  if (!tookOver(entry)) await world.host.files.removeTree(homePaths(world.home).slot(entry.slot));
  if (entry.stage !== null && entry.intent !== null) {
    const ref: RunRef = { key, taskType: "implementation", stage: entry.stage, seq: entry.intent.seq };
    await unlist(world, placeOf(world, project.projectRoot, key), entry.holder.run);
    await discardRunFiles(world, project, ref);
    await releaseRow(world, project, entry, key);
  }
  const isBegun = entry.stage !== null && (await hasRows(world, placeOf(world, project.projectRoot, key), entry));
  take(
    await changeRegistry(world.host, world.home, `undo ${name}`, (registry) => {
      const { [name]: now, ...others } = registry.entries;
      if (now?.holder.nonce !== entry.holder.nonce) return undefined;
      if (tookOver(entry)) return { ...registry, entries: { ...registry.entries, [name]: letGo(world, now) } };
      return { ...registry, entries: isBegun ? others : withoutAnchor(others, entry, segmentPath(key)) };
    }),
  );
}

/** A stage's tree that was there before is nobody's again, and stays as it is. */
const tookOver = ({ stage, intent }: RegistryEntry): boolean => stage !== null && intent?.newBranch === false;

const letGo = (world: World, entry: RegistryEntry): RegistryEntry => ({
  ...entry,
  status: "released",
  intent: null,
  updatedAt: nowOf(world),
});

/**
 * One that was active already is pending again first, so that whoever finds it half undone goes on with that. False when it is
 * another's by now, whose tree and slot these are.
 */
async function markPending(world: World, { name, entry }: Pending): Promise<boolean> {
  const { entries } = take(
    await changeRegistry(world.host, world.home, `undo ${name}`, (registry) => {
      const now = registry.entries[name];
      if (now?.status !== "active" || now.holder.nonce !== entry.holder.nonce) return undefined;
      return { ...registry, entries: { ...registry.entries, [name]: entry } };
    }),
  );
  return entries[name]?.holder.nonce === entry.holder.nonce;
}

/** Takes a run that never came to be from the task's list; a task without any run is none. The caller holds the task lock. */
export async function unlist(world: World, place: TaskPlace, run: string): Promise<void> {
  const task = take(await readTaskManifest(world.host, place));
  const runs = task?.runs.filter((one) => one.id !== run);
  if (task === undefined || runs === undefined || runs.length === task.runs.length) return;
  if (runs.length === 0) await world.host.files.removeFile(taskPaths(place.projectRoot, place.key).manifest);
  else take(await writeTaskManifest(world.host, place, { ...task, runs }));
}

/** Under which name the task's entry records the base of the stages of a plan. */
export const anchorName = (plan: { readonly content: string; readonly cycle: number }): string =>
  `${plan.content}:${plan.cycle}`;

const hasRows = async (world: World, place: TaskPlace, { plan, cycle }: RegistryEntry): Promise<boolean> =>
  take(await readLedger(world.host, place)).some((row) => row.plan === plan && row.cycle === cycle);

/** Entries without the base that the undone stage had recorded as the first of its plan, unless another stage uses it. */
function withoutAnchor(entries: Registry["entries"], undone: RegistryEntry, task: string): Registry["entries"] {
  const entry = entries[task];
  if (undone.stage === null || undone.plan === null || entry === undefined) return entries;
  const isUsed = Object.entries(entries).some(
    ([name, one]) => name.startsWith(`${task}#`) && one.plan === undone.plan && one.cycle === undone.cycle,
  );
  if (isUsed) return entries;
  const { [anchorName({ content: undone.plan, cycle: undone.cycle })]: _, ...implementationBase } =
    entry.implementationBase;
  return { ...entries, [task]: { ...entry, implementationBase } };
}

/** Removes the files of a run that never came to be. */
export async function discardRunFiles(world: World, project: ProjectPlace, ref: RunRef): Promise<void> {
  const paths = runPaths(project.projectRoot, ref);
  const head = homePaths(world.home).head(ref);
  for (const path of [paths.manifest, paths.approvedPlan, paths.journal, head]) await world.host.files.removeFile(path);
  const tail = `-${ref.taskType}-${String(ref.seq).padStart(3, "0")}.md`;
  for (const entry of await world.host.files.list(paths.prompts)) {
    if (entry.name.endsWith(tail)) await world.host.files.removeFile(`${paths.prompts}/${entry.name}`);
  }
}

async function releaseRow(world: World, project: ProjectPlace, entry: RegistryEntry, key: TaskKey): Promise<void> {
  const place = placeOf(world, project.projectRoot, key);
  const rows = take(await readLedger(world.host, place));
  const started = rows.findLast((row) => row.stage === entry.stage && row.run === entry.holder.run);
  if (started?.status !== "started") return;
  take(
    await appendLedger(world.host, place, {
      ...started,
      status: "released",
      started_at: nowOf(world),
      source: "undo-prepare",
    }),
  );
}
