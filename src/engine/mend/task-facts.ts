/** What the disk holds of a task: its manifest, and every run with its manifest and journal. Looks only, and never throws for what it finds. */
import { projectPaths, runFolder, runPaths, taskPaths } from "../../lifecycle/index.ts";
import type { RunManifest, TaskManifest } from "../../lifecycle/task.schema.ts";
import {
  type Failure,
  type JournalEvent,
  printRun,
  type RunRef,
  readTaskKey,
  type TaskKey,
  taskTypes,
} from "../../model/index.ts";
import { type FoundProject, readJournal, readRunManifest, readTaskManifest } from "../../registry/index.ts";
import { sequencesIn } from "../sequences.ts";
import { placeOf, type World } from "../world.ts";

export type KnownRun = {
  readonly ref: RunRef;
  readonly id: string;
  /** Null: `failure` says why it cannot be read. */
  readonly manifest: RunManifest | null;
  readonly failure: Failure | null;
  /** Null when the journal cannot be read. */
  readonly journal: { readonly events: readonly JournalEvent[]; readonly head: string } | null;
};

export type TaskFacts = {
  readonly project: FoundProject;
  readonly key: TaskKey;
  readonly folder: string;
  /** Null when there is none, or `failure` says why it cannot be read. */
  readonly manifest: TaskManifest | null;
  readonly failure: Failure | null;
  /** By task type, then stage, then number. */
  readonly runs: readonly KnownRun[];
};

/** Every task that has a folder in the project, in the order of the folders' names. */
export async function tasksOnDisk(world: World, project: FoundProject): Promise<TaskKey[]> {
  const { tasks } = projectPaths(project.projectRoot);
  const found: TaskKey[] = [];
  for (const group of await world.host.files.list(tasks)) {
    if (group.kind !== "folder") continue;
    for (const task of await world.host.files.list(`${tasks}/${group.name}`))
      if (task.kind === "folder") found.push({ project: project.projectId, group: group.name, task: task.name });
  }
  return found;
}

/** `key` may be spelt in segments; the facts bear it as the task's records do. */
export async function taskFacts(world: World, project: FoundProject, key: TaskKey): Promise<TaskFacts> {
  const place = placeOf(world, project.projectRoot, key);
  const manifest = await readTaskManifest(world.host, place);
  const runs = await runsOnDisk(world, project, key);
  const named = (manifest.ok ? manifest.value?.key : undefined) ?? runs.find((run) => run.manifest)?.manifest?.taskKey;
  const spelt = named === undefined ? key : readTaskKey(named);
  return {
    project,
    key: spelt,
    folder: taskPaths(project.projectRoot, key).folder,
    manifest: manifest.ok ? (manifest.value ?? null) : null,
    failure: manifest.ok ? null : manifest.error,
    runs: runs.map((run) => ({ ...run, ref: { ...run.ref, key: spelt }, id: printRun({ ...run.ref, key: spelt }) })),
  };
}

async function runsOnDisk(world: World, project: FoundProject, key: TaskKey): Promise<KnownRun[]> {
  const runs: KnownRun[] = [];
  for (const taskType of taskTypes) {
    const stages = taskType === "implementation" ? await stagesOnDisk(world, project, key) : [null];
    for (const stage of stages) {
      const folder = runFolder(project.projectRoot, key, taskType, stage);
      for (const seq of await sequencesIn(world, folder, taskType))
        runs.push(await knownRun(world, project, { key, taskType, stage, seq }));
    }
  }
  return runs;
}

async function stagesOnDisk(world: World, project: FoundProject, key: TaskKey): Promise<number[]> {
  const folders = await world.host.files.list(runFolder(project.projectRoot, key, "implementation", null));
  return folders
    .map(({ name }) => Number(/^stage-([1-9]\d*)$/.exec(name)?.[1] ?? Number.NaN))
    .filter((stage) => !Number.isNaN(stage))
    .sort((a, b) => a - b);
}

async function knownRun(world: World, project: FoundProject, given: RunRef): Promise<KnownRun> {
  const place = placeOf(world, project.projectRoot, given.key);
  const read = await readRunManifest(world.host, place, given);
  const manifest = read.ok ? (read.value ?? null) : null;
  // Events bear the run's id as it was spelt when it was prepared.
  const ref = manifest === null ? given : { ...given, key: readTaskKey(manifest.taskKey) };
  const { journal } = runPaths(project.projectRoot, ref);
  const events =
    (await world.host.files.look(journal)) === undefined ? undefined : await readJournal(world.host, place, ref);
  return {
    ref,
    id: printRun(ref),
    manifest,
    failure: read.ok ? null : read.error,
    journal: events?.ok === true ? { events: events.value.events, head: events.value.head.sha256 } : null,
  };
}

/** Whether the run's journal says last that it has ended; undefined when the journal cannot be read. */
export const hasEnded = ({ journal }: KnownRun): boolean | undefined =>
  journal === null ? undefined : journal.events.findLast((event) => ends.has(event.type))?.type === "run.ended";

const ends: ReadonlySet<string> = new Set(["run.ended", "run.started"]);

export const wasStarted = ({ journal }: KnownRun): boolean =>
  journal?.events.some((event) => event.type === "run.started") ?? false;
