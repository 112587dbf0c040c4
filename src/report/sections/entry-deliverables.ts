/** Section 5 of the entry types: discovery and analysis. */
import { type Block, fields, table } from "../document.ts";
import { type Labels, wordOf } from "../labels/labels.ts";
import { inline } from "../prose.ts";
import type { ReportErrorAnalysis, ReportImprovementDiscovery, ReportRequirementsDiscovery } from "../report.schema.ts";
import { followUpTable } from "./follow-ups.ts";
import { listOrNone, none, numbered, proseOrNone } from "./parts.ts";

export function discovery(labels: Labels, report: ReportRequirementsDiscovery | ReportImprovementDiscovery): Block[] {
  const found = report.discovery;
  if (found === null) return [];
  return [
    numbered(labels, "5.1", "routing"),
    fields([
      [labels.fields.category, wordOf(labels.values.categories, found.category)],
      [labels.fields.taskType, [{ code: found.routing.taskType }]],
      [labels.fields.why, inline(found.routing.why)],
    ]),
    numbered(labels, "5.2", "missingInputs"),
    listOrNone(labels, found.missingInputs),
    numbered(labels, "5.3", "fanOut"),
    followUpTable(labels, found.fanOut),
  ];
}

export function analysis(labels: Labels, report: ReportErrorAnalysis): Block[] {
  const found = report.analysis;
  if (found === null) return [];
  const { fields: names } = labels;
  return [
    numbered(labels, "5.1", "symptoms"),
    listOrNone(labels, found.symptoms),
    numbered(labels, "5.2", "triggers"),
    listOrNone(labels, found.triggers),
    numbered(labels, "5.3", "hypotheses"),
    found.hypotheses.length === 0
      ? none(labels)
      : table(
          [names.text, names.likelihood, names.item],
          found.hypotheses.map(({ text, likelihood, items }) => [
            inline(text),
            likelihood,
            items.join(", ") || labels.values.nothing,
          ]),
        ),
    numbered(labels, "5.4", "reproduction"),
    ...proseOrNone(labels, found.reproduction),
    numbered(labels, "5.5", "validationPath"),
    ...proseOrNone(labels, found.validationPath),
  ];
}
