/** Section 1: what a person has to answer, and what was answered. On the page the answers can be written and saved. */
import { userResponseHead } from "../../lifecycle/index.ts";
import { type Block, fields, part } from "../document.ts";
import { type Labels, wordOf } from "../labels/labels.ts";
import { inline, prose } from "../prose.ts";
import type { Report } from "../report.schema.ts";
import { none, numbered } from "./parts.ts";

type Clarification = Report["clarifications"][number];

export function clarifications(labels: Labels, report: Report): Block[] {
  const items = report.clarifications.flatMap((item) => one(labels, report.taskKey, item));
  return [
    numbered(labels, "1", "clarifications"),
    ...(items.length === 0 ? [none(labels)] : items),
    ...(report.clarifications.some(unsettled) ? [save(labels, report)] : []),
  ];
}

/** An answer that no run has taken in may be replaced. */
const unsettled = ({ status }: Clarification): boolean => status === "open" || status === "answered";

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
      [names.kind, wordOf(values.questionKinds, item.kind)],
      [names.blocks, wordOf(values.blocks, item.blocks)],
      [names.expectedForm, item.expectedForm === "" ? values.nothing : inline(item.expectedForm)],
      [names.raisedBy, item.raisedBy.length === 0 ? values.nothing : item.raisedBy.join(", ")],
      ...(item.status === "open" ? [[names.command, [{ code: sentences.answerWith(taskKey, item.id) }]] as const] : []),
    ]),
    ...answer,
    ...(unsettled(item) ? [field(labels, item)] : []),
  ];
}

const field = (labels: Labels, { id, question, userInput }: Clarification): Block => ({
  kind: "answer",
  id,
  question,
  label: labels.sentences.yourAnswer(id),
  value: userInput ?? "",
});

function save({ sentences }: Labels, { taskKey, taskType, runSeq, run }: Report): Block {
  const file = `user-response-${taskType}-${String(runSeq).padStart(3, "0")}.md`;
  return {
    kind: "export",
    file,
    head: userResponseHead({ taskKey, run }),
    button: sentences.exportAnswers,
    hint: sentences.exportHint({ code: sentences.goWith(taskKey, file) }),
    done: sentences.exported,
    empty: sentences.nothingToExport,
  };
}
