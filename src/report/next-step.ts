/** What comes next, as a report shows it. */
import { shellWord } from "../model/index.ts";
import type { Report } from "./report.schema.ts";

/**
 * The data's word; of a plan that was approved since, which its content hash covers as it was, that it can be built;
 * of one that was sent back since, that another is to be made; of risks that a person took since, that the work can be handed over.
 */
export function nextStepOf(report: Report): string {
  if ("approval" in report && report.approval !== null) return `okstra go ${shellWord(report.taskKey)}`;
  if ("sentBack" in report && report.sentBack !== undefined)
    return `okstra run --task-key ${shellWord(report.taskKey)} --task-type implementation-planning`;
  if ("acceptance" in report && report.acceptance !== undefined)
    return `okstra handoff ${shellWord(report.taskKey)} --action commit-only`;
  return report.verdictCard.nextStep;
}
