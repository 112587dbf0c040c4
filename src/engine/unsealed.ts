/** Reports that nothing proves to be what okstra wrote: read by their schema, rendered anew. Loaded only then. */
import type { RunRef } from "../model/index.ts";
import { renderMarkdown } from "../report/index.ts";
import { type PlanReport, readApproval, readPlanReport } from "./prepare/approved-plan.ts";
import type { World } from "./world.ts";

export { readApproval };

/** A planning run's report with the Markdown that its data gives. Throws `plan-unreadable`. */
export async function readPlanFiles(
  world: World,
  projectRoot: string,
  ref: RunRef,
): Promise<PlanReport & { readonly fresh: string }> {
  const report = await readPlanReport(world, projectRoot, ref);
  return { ...report, fresh: renderMarkdown(report.data) };
}
