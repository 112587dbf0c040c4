/** What the earlier runs of a task knew of its items, from the state files that they left. */

import type { ConvergenceState, KnownItem } from "../convergence/convergence.schema.ts";
import { type ItemsOfRun, remember } from "../convergence/index.ts";
import { checkConvergenceState } from "../generated/convergence.check.js";
import { profiles, runPaths } from "../lifecycle/index.ts";
import type { RunManifest, RunSummary } from "../lifecycle/task.schema.ts";
import { parseJson, readRun } from "../model/index.ts";
import { fact, type OpenRun, type Run } from "./run.ts";
import { questionOf } from "./verified-range.ts";

/** Oldest run first; runs that came to no items are left out. */
async function knownItems(run: OpenRun): Promise<readonly KnownItem[]> {
  let known: readonly KnownItem[] = [];
  for (const before of run.task.runs) {
    if (before.id === run.id || before.outcome === null || !hasItems(before)) continue;
    const state = await stateOf(run, before);
    if (state !== undefined) known = withEarlier(remember(known, itemsIn(before, state)), state.earlier ?? []);
  }
  return known;
}

/** What earlier runs knew when this one came to its items; the same however often it is resumed. */
export const rememberedItems = (run: Run): Promise<readonly KnownItem[]> =>
  fact(run, "known-items", () => knownItems(run));

const hasItems = ({ taskType }: RunSummary): boolean =>
  profiles[taskType].convergence.on || taskType === "implementation";

/** What a stage's rounds settled among themselves is known too, or its ids would be given to other things. */
const withEarlier = (known: readonly KnownItem[], earlier: readonly KnownItem[]): readonly KnownItem[] => {
  const ids = new Set(known.map(({ id }) => id));
  return [...known, ...earlier.filter(({ id }) => !ids.has(id))];
};

async function stateOf(run: OpenRun, before: RunSummary): Promise<ConvergenceState | undefined> {
  const path = runPaths(run.project.projectRoot, readRun(before.id)).convergence;
  const text = await run.world.host.files.readText(path);
  return text === undefined ? undefined : parseJson(checkConvergenceState, text, "state file", path);
}

/** What a run's state says of its items, with whoever could have stated them. */
export function itemsIn(of: Pick<RunManifest, "id" | "taskType" | "scope">, state: ConvergenceState): ItemsOfRun {
  const { items, workers, critique, standing } = state;
  const answered = workers.filter(({ status }) => status === "completed").map(({ worker }) => worker);
  const heard = critique?.status === "completed" ? [...answered, critique.worker] : answered;
  return { run: of.id, taskType: questionOf(of), answered: heard, items, degraded: standing === "degraded" };
}
