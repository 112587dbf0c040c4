/** A run as its manifest and journal say, read without locks. */
import { checkRunManifest } from "../generated/task.check.js";
import { runPaths } from "../lifecycle/index.ts";
import type { RunManifest, RunSummary } from "../lifecycle/task.schema.ts";
import { fault, type JournalEvent, parseJson, printRun, type RunRef, take } from "../model/index.ts";
import { type FoundProject, readJournal } from "../registry/index.ts";
import { interruptedRuns } from "./interrupted.ts";
import { locate } from "./locate.ts";
import { requireTask } from "./require-task.ts";
import { summarise } from "./summary.ts";
import { placeOf, type World } from "./world.ts";

/** Throws `not-a-run`. */
export async function readManifest(world: World, project: FoundProject, ref: RunRef): Promise<RunManifest> {
  const path = runPaths(project.projectRoot, ref).manifest;
  const text = await world.host.files.readText(path);
  if (text === undefined) {
    throw fault("not-a-run", `There is no run ${printRun(ref)}`, "okstra status TASK lists the runs of a task", {
      run: printRun(ref),
      path,
    });
  }
  return parseJson(checkRunManifest, text, "run manifest", path);
}

export type RunState = {
  readonly manifest: RunManifest;
  readonly events: readonly JournalEvent[];
  readonly summary: RunSummary;
};

export async function readRunState(world: World, project: FoundProject, ref: RunRef): Promise<RunState> {
  const manifest = await readManifest(world, project, ref);
  const { events, head } = take(await readJournal(world.host, placeOf(world, project.projectRoot, ref.key), ref));
  return { manifest, events, summary: summarise(project.projectRoot, manifest, events, head.sha256) };
}

/** One run: its manifest, its events, its summary, and whether it goes on only when it is resumed. */
export async function showRun(
  world: World,
  cwd: string,
  ref: RunRef,
): Promise<RunState & { readonly interrupted: boolean }> {
  const project = await locate(world, cwd, ref.key);
  await requireTask(world, project.projectRoot, ref.key);
  const state = await readRunState(world, project, ref);
  return { ...state, interrupted: (await interruptedRuns(world, [state.summary])).length > 0 };
}
