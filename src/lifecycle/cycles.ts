/**
 * Fix cycles: a task that was handed over, or whose verification found faults, is reopened for a fix. What decides about gates (plan,
 * verification, hand-off) is of the present cycle only; earlier ones are history.
 */
import type { RunSummary, TaskManifest } from "./task.schema.ts";

/** Of the cycle; 0 is what was before the first fix cycle. */
export const runsOfCycle = <R extends Pick<RunSummary, "cycle">>(runs: readonly R[], cycle: number): R[] =>
  runs.filter((run) => (run.cycle ?? 0) === cycle);

/** The plan that was approved last in the present cycle. */
export function planOfCycle({ plans, runs, cycle }: TaskManifest): TaskManifest["plans"][number] | undefined {
  if (cycle === 0) return plans.at(-1);
  const own = new Set(runsOfCycle(runs, cycle).map(({ id }) => id));
  return plans.findLast(({ run }) => own.has(run));
}

/** The task as its gates see it: with the runs of the present cycle alone. */
export const inPresentCycle = (task: TaskManifest): TaskManifest => ({
  ...task,
  runs: runsOfCycle(task.runs, task.cycle),
});
