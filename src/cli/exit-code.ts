/** How a process ends that executed runs (lifecycle.md, outcomes). Pure. */
import type { RunSummary } from "../lifecycle/task.schema.ts";
import { type ExitCode, type Outcome, type Reason, reasons, unreachable } from "../model/index.ts";

type Ended = Pick<RunSummary, "outcome" | "reason" | "verdict">;

export function exitOfRun(run: Ended): ExitCode {
  if (run.outcome === null) return 0;
  return ofOutcome(run.outcome, run);
}

/** Of several runs, the first that did not end well decides. */
export const exitOfRuns = (runs: readonly Ended[]): ExitCode => runs.map(exitOfRun).find((code) => code !== 0) ?? 0;

/** Verdicts of completed runs that a person has to settle. */
const unsettled: ReadonlySet<string> = new Set(["blocked", "conditional-accept", "merge-conflict", "merge-blocked"]);

function ofOutcome(outcome: Outcome, run: Ended): ExitCode {
  switch (outcome) {
    case "completed":
      return run.verdict !== null && unsettled.has(run.verdict) ? 3 : 0;
    case "prepared":
      return 0;
    case "blocked":
      return 3;
    case "failed":
      return isReason(run.reason) && reasons[run.reason].exit === 4 ? 4 : 1;
    case "no-work":
      return 4;
    case "budget-exceeded":
    case "quota-paused":
      return 5;
    case "contract-violation":
      return 6;
    case "cancelled":
      return 130;
    default:
      return unreachable(outcome);
  }
}

const isReason = (word: string | null): word is Reason => word !== null && Object.hasOwn(reasons, word);
