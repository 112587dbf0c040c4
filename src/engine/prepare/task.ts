/** Finds the task a request is for, or plans a new one. Nothing is written here. */
import { createHash } from "node:crypto";
import {
  branchPrefixes,
  defaultCategory,
  type Profile,
  projectPaths,
  segment,
  segmentsOf,
  taskPaths,
} from "../../lifecycle/index.ts";
import type { TaskManifest } from "../../lifecycle/task.schema.ts";
import { fault, printKey, readTaskKey, shellWord, type TaskKey, take } from "../../model/index.ts";
import { readTaskManifest } from "../../registry/index.ts";
import { requireTask } from "../require-task.ts";
import { nowOf, type ProjectPlace, placeOf, type World } from "../world.ts";
import { languageOf, readBrief, titleOf } from "./brief.ts";
import type { RunRequest } from "./request.ts";

export type OpenTask = { readonly manifest: TaskManifest; readonly brief: string; readonly isNew: boolean };

export const sha256 = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");

/** The task a run is asked for; a new one when an entry task type brings a brief. */
export async function openTask(
  world: World,
  project: ProjectPlace,
  request: RunRequest,
  profile: Profile,
): Promise<OpenTask> {
  const place = placeOf(world, project.projectRoot, request.key);
  const existing = take(await readTaskManifest(world.host, place));
  const brings = request.brief;
  if (existing !== undefined && !(profile.entry && brings !== null)) {
    const text = await world.host.files.readText(taskPaths(project.projectRoot, request.key).brief);
    return { manifest: existing, brief: checkedBrief(existing, text), isNew: false };
  }
  if (!profile.entry) await requireTask(world, project.projectRoot, request.key);
  if (brings === null) {
    throw fault(
      "brief-missing",
      `${request.taskType} starts a task and needs a brief`,
      "Write the task in a Markdown file and give its path with --brief",
      {
        taskType: request.taskType,
      },
    );
  }
  const brief = await readBrief(world, request.cwd, brings);
  if (existing !== undefined) {
    refuseOtherId(printKey(request.key), existing.key);
    return { manifest: { ...existing, briefSha256: sha256(brief) }, brief, isNew: false };
  }
  await refuseTakenSegment(world, project.projectRoot, request.key);
  return { manifest: newTask(world, request, brief), brief, isNew: true };
}

function newTask(world: World, request: RunRequest, brief: string): TaskManifest {
  const category = request.category ?? defaultCategory(request.taskType);
  const now = nowOf(world);
  return {
    schemaVersion: 1,
    key: printKey(request.key),
    project: request.key.project,
    group: request.key.group,
    task: request.key.task,
    title: request.title ?? titleOf(brief),
    category,
    briefPath: "instruction-set/brief.md",
    briefSha256: sha256(brief),
    language: languageOf(brief),
    createdAt: now,
    updatedAt: now,
    phase: request.taskType,
    branchPrefix: branchPrefixes[category],
    branch: request.branch,
    plans: [],
    cycle: 0,
    runs: [],
  };
}

function checkedBrief(manifest: TaskManifest, text: string | undefined): string {
  if (text === undefined) {
    throw fault(
      "brief-missing",
      `The brief of ${manifest.key} is gone from its task folder`,
      `Give it again: okstra run BRIEF --task-key ${shellWord(manifest.key)} --task-type error-analysis`,
      {
        key: manifest.key,
      },
    );
  }
  return text;
}

/** Group and task ids must not share a segment with others that are spelt differently. */
export async function refuseTakenSegment(world: World, projectRoot: string, key: TaskKey): Promise<void> {
  const group = `${projectPaths(projectRoot).tasks}/${segmentsOf(key).group}`;
  for (const entry of await world.host.files.list(group)) {
    if (entry.kind !== "folder") continue;
    const place = placeOf(world, projectRoot, { ...key, task: entry.name });
    const other = take(await readTaskManifest(world.host, place));
    if (other === undefined) continue;
    const otherKey = readTaskKey(other.key);
    if (otherKey.group !== key.group)
      refuse(`${key.project}/${key.group}`, `${otherKey.project}/${otherKey.group}`, segment(key.group));
  }
}

function refuseOtherId(wanted: string, existing: string): void {
  if (wanted !== existing) refuse(wanted, existing, segment(readTaskKey(existing).task));
}

function refuse(wanted: string, existing: string, shared: string): never {
  throw fault(
    "segment-taken",
    `"${wanted}" and the existing "${existing}" have the same folder and branch form "${shared}"`,
    `Use "${existing}" to go on with it, or choose another id`,
    { wanted, existing, segment: shared },
  );
}
