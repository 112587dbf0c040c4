/** The documents of a task's runs: run manifest, timeline. Writers hold the task lock. */
import { checkRunManifest, checkTimeline } from "../generated/task.check.js";
import type { Host } from "../host/index.ts";
import { runPaths, taskPaths } from "../lifecycle/index.ts";
import type { RunManifest, Timeline } from "../lifecycle/task.schema.ts";
import { type RunRef, schemaVersion } from "../model/index.ts";
import { type JsonFile, readDocument, writeDocument } from "./json-file.ts";
import type { TaskPlace } from "./place.ts";

/** A run's manifest, or undefined when there is no such run. */
export const readRunManifest = (host: Host, place: TaskPlace, run: RunRef): Promise<RunManifest | undefined> =>
  readDocument(host, runManifestFile(place, run));

/** Replaces a run's manifest, durably. A run exists when its manifest does. */
export const writeRunManifest = (host: Host, place: TaskPlace, run: RunRef, manifest: RunManifest): Promise<void> =>
  writeDocument(host, runManifestFile(place, run), manifest, { durable: true });

/** Every run of the task in order; empty when there is no file. A projection: `malformed` says how to rebuild it. */
export const readTimeline = async (host: Host, place: TaskPlace): Promise<Timeline> =>
  (await readDocument(host, timelineFile(place))) ?? { schemaVersion, runs: [] };

export const writeTimeline = (host: Host, place: TaskPlace, timeline: Timeline): Promise<void> =>
  writeDocument(host, timelineFile(place), timeline);

const runManifestFile = (place: TaskPlace, run: RunRef): JsonFile<RunManifest> => ({
  path: runPaths(place.projectRoot, run).manifest,
  what: "run manifest",
  check: checkRunManifest,
});

const timelineFile = (place: TaskPlace): JsonFile<Timeline> => ({
  path: taskPaths(place.projectRoot, place.key).timeline,
  what: "timeline",
  check: checkTimeline,
  remedy: `Remove ${taskPaths(place.projectRoot, place.key).timeline}: it only lists the runs, whose folders stay`,
});
