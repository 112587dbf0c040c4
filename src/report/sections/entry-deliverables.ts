/** Section 5 of the entry types: discovery and analysis. */
import { type Block, fields, table } from "../document.ts";
import { type Labels, wordOf } from "../labels/labels.ts";
import { inline } from "../prose.ts";
import type { ReportErrorAnalysis, ReportImprovementDiscovery, ReportRequirementsDiscovery } from "../report.schema.ts";
import { listOrNone, none, numbered, proseOrNone, tableOrNone } from "./parts.ts";

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
    numbered(labels, "5.3", report.taskType === "improvement-discovery" ? "candidates" : "fanOut"),
    rowTable(labels, found.fanOut),
    ...(found.fanOut.length === 0 ? [] : [fields([[labels.fields.command, [{ code: spawnCommand(labels, report) }]]])]),
  ];
}

type Discovered = NonNullable<ReportRequirementsDiscovery["discovery"]>;

/** In the order of the writer: for candidates the best comes first. The items carry the evidence. */
const rowTable = (labels: Labels, rows: Discovered["fanOut"]): Block =>
  tableOrNone(
    labels,
    [
      "#",
      labels.fields.title,
      labels.fields.taskType,
      labels.fields.why,
      labels.fields.item,
      labels.fields.suggestedId,
    ],
    rows.map(({ title, taskType, why, items, suggestedId }, at) => [
      String(at + 1),
      inline(title),
      [{ code: taskType }],
      inline(why),
      (items ?? []).join(", ") || labels.values.nothing,
      [{ code: suggestedId }],
    ]),
  );

/** Of candidates a person picks; parts become tasks all together. */
const spawnCommand = (labels: Labels, report: ReportRequirementsDiscovery | ReportImprovementDiscovery): string => {
  const all = labels.sentences.spawnWith(report.taskKey);
  const ids = report.discovery?.fanOut.map(({ suggestedId }) => suggestedId) ?? [];
  return report.taskType === "improvement-discovery" ? `${all} --only ${ids.join(",")}` : all;
};

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
          [names.cause, names.likelihood, names.item],
          found.hypotheses.map(({ text, likelihood, items }) => [
            inline(text),
            wordOf(labels.values.likelihoods, likelihood),
            items.join(", ") || labels.values.nothing,
          ]),
        ),
    numbered(labels, "5.4", "reproduction"),
    ...proseOrNone(labels, found.reproduction),
    numbered(labels, "5.5", "validationPath"),
    ...proseOrNone(labels, found.validationPath),
  ];
}
