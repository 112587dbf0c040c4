/** What comes next, as a report shows it. */
import { contentHash, shortContent } from "../lifecycle/index.ts";
import { shellWord } from "../model/index.ts";
import type { Report, ReportImplementationPlanning } from "./report.schema.ts";

/**
 * `data`: the report as it is kept, which the hash is of. The data's word; of a plan that waits for its approval, with the hash, which
 * the data cannot hold; of a plan that was approved since, which its content hash covers as it was, that it can be built;
 * of one that was sent back since, that another is to be made; of risks that a person took since, that the work can be handed over.
 */
export function nextStepOf(report: Report, data: Report): string {
  if ("approval" in data && mayBeApproved(data) && data.verdictCard.nextStep.startsWith("okstra approve "))
    return approveCommand(data);
  if ("approval" in report && report.approval !== null) return `okstra go ${shellWord(report.taskKey)}`;
  if ("sentBack" in report && report.sentBack !== undefined)
    return `okstra run --task-key ${shellWord(report.taskKey)} --task-type implementation-planning`;
  if ("acceptance" in report && report.acceptance !== undefined)
    return `okstra handoff ${shellWord(report.taskKey)} --action commit-only`;
  return report.verdictCard.nextStep;
}

/** No person decided, and the gate lets one approve. */
export function mayBeApproved({
  plan,
  approval,
  sentBack,
  planBodyVerification,
}: ReportImplementationPlanning): boolean {
  const gate = planBodyVerification?.gate;
  return (
    plan !== null &&
    approval === null &&
    sentBack === undefined &&
    (gate === "passed" || gate === "passed-with-dissent")
  );
}

export const approveCommand = (data: ReportImplementationPlanning): string =>
  `okstra approve ${shellWord(data.taskKey)} --content ${shortContent(contentHash(data))}`;
