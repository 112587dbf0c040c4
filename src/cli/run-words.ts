/** How a run ended, in a sign and a word. Pure. */
import type { RunSummary } from "../lifecycle/task.schema.ts";
import { exitOfRun } from "./exit-code.ts";
import type { Paint } from "./paint.ts";
import { oneLine } from "./text.ts";

export function endOf({ outcome, reason }: RunSummary): string {
  if (outcome === null) return "under way";
  return reason === null || reason === outcome ? outcome : `${outcome} (${oneLine(reason)})`;
}

export function signOf(summary: RunSummary, paint: Paint): string {
  if (summary.outcome === null || summary.outcome === "prepared") return paint.faint("·");
  const code = exitOfRun(summary);
  return code === 0 ? paint.good("✓") : code === 3 ? paint.warn("!") : paint.bad("✗");
}
