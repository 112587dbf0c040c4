/** What the earlier runs of a task knew of its items, from the state files that they left. */

import type { KnownItem } from "../convergence/convergence.schema.ts";
import { type ItemsOfRun, remember } from "../convergence/index.ts";
import { checkConvergenceState } from "../generated/convergence.check.js";
import { profiles, runPaths } from "../lifecycle/index.ts";
import type { RunSummary } from "../lifecycle/task.schema.ts";
import { parseJson, readRun } from "../model/index.ts";
import type { OpenRun } from "./run.ts";
import { questionOf } from "./verified-range.ts";

/** Oldest run first; runs that came to no items are left out. */
export async function knownItems(run: OpenRun): Promise<readonly KnownItem[]> {
  let known: readonly KnownItem[] = [];
  for (const before of run.task.runs) {
    if (before.id === run.id || before.outcome === null || !profiles[before.taskType].convergence.on) continue;
    const items = await itemsOf(run, before);
    if (items !== undefined) known = remember(known, items);
  }
  return known;
}

async function itemsOf(run: OpenRun, before: RunSummary): Promise<ItemsOfRun | undefined> {
  const path = runPaths(run.project.projectRoot, readRun(before.id)).convergence;
  const text = await run.world.host.files.readText(path);
  if (text === undefined) return undefined;
  const { items, workers, critique, standing } = parseJson(checkConvergenceState, text, "state file", path);
  const answered = workers.filter(({ status }) => status === "completed").map(({ worker }) => worker);
  const heard = critique?.status === "completed" ? [...answered, critique.worker] : answered;
  return { run: before.id, taskType: questionOf(before), answered: heard, items, degraded: standing === "degraded" };
}
