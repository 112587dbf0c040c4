/** A report as one document: front, cards, sections 1 to 8 in their fixed order. */
import { type Block, type ReportDocument, text } from "../document.ts";
import { catalogues, type HeadingKey, headingOf, type Labels } from "../labels/labels.ts";
import { prose } from "../prose.ts";
import type { Report } from "../report.schema.ts";
import { inItsLanguage } from "../said.ts";
import { clarifications } from "./clarifications.ts";
import { analysis, discovery } from "./entry-deliverables.ts";
import { evidence } from "./evidence.ts";
import { execution } from "./execution.ts";
import { followUps } from "./follow-ups.ts";
import { implementation } from "./implementation.ts";
import { items } from "./items.ts";
import { handoff, verification } from "./outcome-deliverables.ts";
import { listOrNone, none, numbered } from "./parts.ts";
import { plan } from "./plan.ts";
import { usage } from "./usage.ts";
import { verdictCard } from "./verdict-card.ts";

export function assemble(given: Report): ReportDocument {
  const report = inItsLanguage(given);
  const labels = catalogues[report.language];
  const { heading, blocks } = deliverables(labels, report);
  const summary = prose(report.summary);
  return {
    title: report.title,
    language: report.language,
    front: front(report),
    indexTitle: headingOf(labels, "index"),
    blocks: [
      ...verdictCard(labels, report, given),
      ...execution(labels, report),
      ...clarifications(labels, report),
      numbered(labels, "2", "summary"),
      ...(summary.length === 0 ? [none(labels)] : summary),
      ...items(labels, report),
      ...evidence(labels, report),
      numbered(labels, "5", heading),
      ...(blocks.length === 0 ? [text(labels.values.notDelivered)] : blocks),
      ...usage(labels, report),
      ...followUps(labels, report),
      numbered(labels, "8", "limits"),
      listOrNone(labels, report.limits),
    ],
  };
}

/** `approved` is for plans only, `sent-back` for those that a person sent back. */
const front = (report: Report): ReportDocument["front"] => [
  ["title", report.title],
  ["task-key", report.taskKey],
  ["task-type", report.taskType],
  ["run", report.run],
  ...("approval" in report ? [["approved", report.approval !== null] as const] : []),
  ...("sentBack" in report && report.sentBack !== undefined ? [["sent-back", true] as const] : []),
  ["language", report.language],
];

function deliverables(labels: Labels, report: Report): { heading: HeadingKey; blocks: Block[] } {
  switch (report.taskType) {
    case "requirements-discovery":
    case "improvement-discovery":
      return { heading: "discovery", blocks: discovery(labels, report) };
    case "error-analysis":
      return { heading: "analysis", blocks: analysis(labels, report) };
    case "implementation-planning":
      return { heading: "plan", blocks: plan(labels, report) };
    case "implementation":
      return { heading: "implementation", blocks: implementation(labels, report) };
    case "final-verification":
      return { heading: "verification", blocks: verification(labels, report) };
    case "release-handoff":
      return { heading: "handoff", blocks: handoff(labels, report) };
  }
}
