/**
 * Degraded states of the task so far: what each phase last asked and did not get from as many as were to answer. They follow the task up
 * to its hand-off, so that nobody takes work for checked by several that one alone has seen.
 */
import { checkConvergenceState } from "../generated/convergence.check.js";
import { profiles, runPaths } from "../lifecycle/index.ts";
import type { RunSummary } from "../lifecycle/task.schema.ts";
import { parseJson, readRun } from "../model/index.ts";
import { fact, type Run } from "./run.ts";
import { questionOf } from "./verified-range.ts";

/** A sentence for each phase or stage whose newest run before this one was degraded or heard one family only. */
export const degradedBefore = (run: Run): Promise<readonly string[]> =>
  fact(run, "degraded-before", async () => {
    const said: string[] = [];
    for (const before of newestOfEach(run.task.runs, run.id)) {
      const how = await degradedHow(run, before);
      if (how !== undefined) said.push(`${before.id}: ${how}`);
    }
    return said;
  });

/** The newest run of each question that ended with something to say, in the order of the runs. */
export function newestOfEach(runs: readonly RunSummary[], self: string): readonly RunSummary[] {
  const newest = new Map<string, RunSummary>();
  for (const one of runs)
    if (one.id !== self && (one.outcome === "completed" || one.reason === "degraded")) newest.set(questionOf(one), one);
  return runs.filter((one) => newest.get(questionOf(one)) === one);
}

async function degradedHow(run: Run, before: RunSummary): Promise<string | undefined> {
  if (before.reason === "degraded") return "degraded, fewer than two workers answered";
  if (!profiles[before.taskType].convergence.on) return undefined;
  const path = runPaths(run.project.projectRoot, readRun(before.id)).convergence;
  const text = await run.world.host.files.readText(path);
  if (text === undefined) return undefined;
  const { standing } = parseJson(checkConvergenceState, text, "state file", path);
  if (standing === "degraded") return "degraded, fewer than two workers answered";
  return standing === "single-family" ? "single-family, nobody of another vendor checked what it says" : undefined;
}
