/** How a run ended, in a sign and a word. Pure. */
import type { RunSummary } from "../lifecycle/task.schema.ts";
import { exitOfRun } from "./exit-code.ts";
import type { Paint } from "./paint.ts";
import { oneLine } from "./text.ts";

/** `interrupted`: runs whose engine is gone. */
export function endOf({ id, outcome, reason }: RunSummary, interrupted: readonly string[] = []): string {
  if (outcome === null) return interrupted.includes(id) ? "interrupted" : "under way";
  return reason === null || reason === outcome ? outcome : `${outcome} (${oneLine(reason)})`;
}

export function signOf(summary: RunSummary, paint: Paint, interrupted: readonly string[] = []): string {
  if (interrupted.includes(summary.id)) return paint.warn("!");
  if (summary.outcome === null || summary.outcome === "prepared") return paint.faint("·");
  const code = exitOfRun(summary);
  return code === 0 ? paint.good("✓") : code === 3 ? paint.warn("!") : paint.bad("✗");
}
