/** The manifest of a task. Writers hold the task lock. */
import { checkTaskManifest } from "../generated/task.check.js";
import type { Host } from "../host/index.ts";
import { taskPaths } from "../lifecycle/index.ts";
import type { TaskManifest } from "../lifecycle/task.schema.ts";
import { type JsonFile, readDocument, writeDocument } from "./json-file.ts";
import type { TaskPlace } from "./place.ts";

/** The task's manifest, or undefined when there is no such task. Throws `malformed`, `newer-version`. */
export const readTaskManifest = (host: Host, place: TaskPlace): Promise<TaskManifest | undefined> =>
  readDocument(host, taskManifestFile(place));

/** Replaces the task's manifest, durably. */
export const writeTaskManifest = (host: Host, place: TaskPlace, manifest: TaskManifest): Promise<void> =>
  writeDocument(host, taskManifestFile(place), manifest, { durable: true });

const taskManifestFile = (place: TaskPlace): JsonFile<TaskManifest> => ({
  path: taskPaths(place.projectRoot, place.key).manifest,
  what: "task manifest",
  check: checkTaskManifest,
});
