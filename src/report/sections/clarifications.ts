/** Section 1: what a person has to answer, and what was answered. */
import { type Block, fields, part } from "../document.ts";
import { type Labels, wordOf } from "../labels/labels.ts";
import { inline, prose } from "../prose.ts";
import type { Report } from "../report.schema.ts";
import { none, numbered } from "./parts.ts";

type Clarification = Report["clarifications"][number];

export function clarifications(labels: Labels, report: Report): Block[] {
  const items = report.clarifications.flatMap((item) => one(labels, report.taskKey, item));
  return [numbered(labels, "1", "clarifications"), ...(items.length === 0 ? [none(labels)] : items)];
}

function one(labels: Labels, taskKey: string, item: Clarification): Block[] {
  const { fields: names, values, sentences } = labels;
  const answer =
    item.userInput === null
      ? []
      : [{ kind: "keyword", keyword: names.answer, text: "" } as const, ...prose(item.userInput)];
  return [
    part(`${item.id} [${wordOf(values.clarification, item.status)}]`),
    ...prose(item.question),
    fields([
      [names.why, inline(item.why)],
      [names.kind, item.kind],
      [names.blocks, wordOf(values.blocks, item.blocks)],
      [names.expectedForm, item.expectedForm === "" ? values.nothing : inline(item.expectedForm)],
      [names.raisedBy, item.raisedBy.length === 0 ? values.nothing : item.raisedBy.join(", ")],
      ...(item.status === "open" ? [[names.command, [{ code: sentences.answerWith(taskKey, item.id) }]] as const] : []),
    ]),
    ...answer,
  ];
}
