/**
 * Makes tasks of the rows that a task's reports leave behind: a manifest, a brief, no run. A second call makes nothing twice: a task
 * says which row it comes from.
 *
 *   the row's task (manifest last) -> catalog -> noted at the task it comes from
 */
import { branchPrefixes, defaultCategory, segment, taskPaths } from "../lifecycle/index.ts";
import type { TaskManifest } from "../lifecycle/task.schema.ts";
import {
  type Category,
  didYouMean,
  fault,
  printKey,
  readTaskKey,
  shellWord,
  type TaskKey,
  take,
} from "../model/index.ts";
import {
  readCatalog,
  readTaskManifest,
  taskLock,
  updateCatalog,
  withLock,
  writeTaskManifest,
} from "../registry/index.ts";
import { keyOfRow, type LeftBehind, type Row, rowsOf } from "./left-behind.ts";
import { refuseTakenSegment, sha256 } from "./prepare/task.ts";
import { openProject } from "./project.ts";
import { requireTask } from "./require-task.ts";
import { taskIndex } from "./task-index.ts";
import { nowOf, type ProjectPlace, placeOf, type World } from "./world.ts";

export type SpawnAsk = {
  readonly cwd: string;
  readonly key: TaskKey;
  /** Ids of rows; null: every part and follow-up, but no candidate, since a person picks among those. */
  readonly only: readonly string[] | null;
  /** The group of the new tasks; null: that of the task they come from. */
  readonly group: string | null;
};

export type Spawned = LeftBehind & { readonly key: string; readonly made: "now" | "before" };

/** Every row of the task's reports. */
export async function listFollowUps(world: World, cwd: string, key: TaskKey): Promise<readonly LeftBehind[]> {
  const project = await openProject(world, cwd, key);
  const task = await requireTask(world, project.projectRoot, key);
  return (await rowsOf(world, project.projectRoot, task)).map(shown);
}

const shown = ({ category: _, items: __, ...row }: Row): LeftBehind => row;

/** Makes a task of each chosen row. Throws `usage` when none is chosen, `segment-taken` when another task has the key. */
export async function spawnFollowUps(world: World, ask: SpawnAsk): Promise<readonly Spawned[]> {
  const project = await openProject(world, ask.cwd, ask.key);
  const task = await requireTask(world, project.projectRoot, ask.key);
  const rows = chosen(await rowsOf(world, project.projectRoot, task), task, ask.only);
  const wanted = rows.map((row) => ({ row, key: readTaskKey(row.key ?? keyOfRow(task, ask.group, row.id)) }));
  for (const one of wanted) await refuseTaken(world, project, task, one);
  const spawned: Spawned[] = [];
  for (const { row, key } of wanted) {
    const made = await make(world, project, { task, row, key });
    spawned.push({ ...shown(row), key: printKey(key), made: made ? "now" : "before" });
  }
  await note(world, project, ask.key, spawned);
  return spawned;
}

function chosen(rows: readonly Row[], task: TaskManifest, only: readonly string[] | null): readonly Row[] {
  const ids = rows.map((row) => row.id);
  if (only === null) {
    const all = rows.filter((row) => row.kind !== "candidate");
    if (all.length > 0) return all;
    const pick = ids.length === 0 ? "okstra report shows what its reports say" : `Pick: --only ${ids.join(",")}`;
    const why = ids.length === 0 ? "leaves no task behind" : "has only candidates, and a person picks among those";
    throw fault("usage", `${task.key} ${why}`, `${pick}`, { key: task.key, ids });
  }
  return only.map((id) => {
    const found = rows.find((row) => segment(row.id) === segment(id));
    if (found !== undefined) return found;
    throw fault(
      "usage",
      `${task.key} leaves nothing behind that is called "${id}"${didYouMean(id, ids)}`,
      `okstra followups list ${shellWord(task.key)} shows what there is`,
      { key: task.key, id, ids },
    );
  });
}

type Wanted = { readonly row: Row; readonly key: TaskKey };

const comesFrom = (child: TaskManifest, task: TaskManifest, row: Row): boolean =>
  child.origin?.task === task.key && segment(child.origin.id) === segment(row.id);

async function refuseTaken(
  world: World,
  project: ProjectPlace,
  task: TaskManifest,
  { row, key }: Wanted,
): Promise<void> {
  const there = take(await readTaskManifest(world.host, placeOf(world, project.projectRoot, key)));
  if (there === undefined) return await refuseTakenSegment(world, project.projectRoot, key);
  if (comesFrom(there, task, row)) return;
  throw fault(
    "segment-taken",
    `There is a task ${there.key} already, and it does not come from ${task.key}`,
    `Put the new ones into another group: okstra followups spawn ${shellWord(task.key)} --group NAME; or leave it out with --only`,
    { key: there.key, id: row.id },
  );
}

/** False when the row's task was there. The manifest comes last: a task is there when its manifest is. */
async function make(
  world: World,
  project: ProjectPlace,
  { task, row, key }: Wanted & { readonly task: TaskManifest },
): Promise<boolean> {
  const { files } = world.host;
  const place = placeOf(world, project.projectRoot, key);
  const paths = taskPaths(project.projectRoot, key);
  const parent = taskPaths(project.projectRoot, readTaskKey(task.key));
  const brief = briefOf(task, row, (await files.readText(parent.brief)) ?? "");
  const lock = taskLock(world.home, key);
  return await withLock(world.host, lock, `spawn from ${task.key}`, async () => {
    const there = take(await readTaskManifest(world.host, place));
    const child = there ?? newTask(world, { task, row, key, brief });
    if (there === undefined) {
      await files.replaceFile(paths.brief, brief, { durable: true });
      await files.replaceFile(paths.index, taskIndex(child));
      take(await writeTaskManifest(world.host, place, child));
    }
    await listInCatalog(world, project, child);
    return there === undefined;
  });
}

/** A kill may have come between the task and its entry. The caller holds the task lock, so that no run of it is listed meanwhile. */
async function listInCatalog(world: World, project: ProjectPlace, child: TaskManifest): Promise<void> {
  const { tasks } = take(await readCatalog(world.host, project.projectRoot));
  if (tasks.some((entry) => entry.key === child.key)) return;
  const { key, title, phase, updatedAt } = child;
  const entry = { key, title, phase, outcome: null, notStarted: true as const, updatedAt };
  take(await updateCatalog(world.host, world.home, project, entry));
}

type Made = Wanted & { readonly task: TaskManifest; readonly brief: string };

function newTask(world: World, { task, row, key, brief }: Made): TaskManifest {
  const category = categoryOf(row);
  const now = nowOf(world);
  return {
    schemaVersion: 1,
    key: printKey(key),
    ...key,
    title: row.title,
    category,
    briefPath: "instruction-set/brief.md",
    briefSha256: sha256(brief),
    language: task.language,
    createdAt: now,
    updatedAt: now,
    phase: row.taskType,
    branchPrefix: branchPrefixes[category],
    branch: null,
    plans: [],
    cycle: 0,
    runs: [],
    origin: { task: task.key, run: row.run, id: row.id, baseRef: task.runs.at(-1)?.worktree?.baseRef ?? null },
  };
}

/** A fault is a bug fix whatever the whole was called. */
const categoryOf = ({ taskType, kind, category }: Row): Category =>
  taskType === "error-analysis" || kind === "follow-up" || category === null ? defaultCategory(taskType) : category;

function briefOf(task: TaskManifest, row: Row, parentBrief: string): string {
  const found = row.items.map(
    ({ id, severity, title, claim, place }) =>
      `- ${id} (${severity}) ${title}${place === null ? "" : `, ${place.path}:${place.start}-${place.end}`}: ${claim}`,
  );
  return [
    `# ${row.title}`,
    "",
    row.why,
    "",
    `This task comes from ${row.run}.`,
    ...(found.length === 0 ? [] : ["", "## What was found", "", ...found]),
    "",
    `## The brief of ${task.key}`,
    "",
    parentBrief.trimEnd(),
    "",
  ].join("\n");
}

/** Remembers at the task what was made of it. */
async function note(world: World, project: ProjectPlace, key: TaskKey, made: readonly Spawned[]): Promise<void> {
  const place = placeOf(world, project.projectRoot, key);
  await withLock(world.host, taskLock(world.home, key), "note spawned tasks", async () => {
    const task = await requireTask(world, project.projectRoot, key);
    const before = task.spawned ?? [];
    const added = made
      .map((one) => ({ id: segment(one.id), key: one.key }))
      .filter((one) => !before.some((other) => other.id === one.id));
    if (added.length === 0) return;
    take(
      await writeTaskManifest(world.host, place, { ...task, spawned: [...before, ...added], updatedAt: nowOf(world) }),
    );
  });
}
