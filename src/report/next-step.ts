/** What comes next, as a report shows it. */
import { shellWord } from "../model/index.ts";
import type { Report } from "./report.schema.ts";

/** The data's word; of a plan that was approved since, which its content hash covers as it was, that it can be built. */
export const nextStepOf = (report: Report): string =>
  "approval" in report && report.approval !== null
    ? `okstra go ${shellWord(report.taskKey)}`
    : report.verdictCard.nextStep;
