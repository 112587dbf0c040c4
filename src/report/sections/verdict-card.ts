/** The Verdict Card: what came out and what to do next, on one screen. */
import { yesNo } from "../amounts.ts";
import { type Block, fields, note, section } from "../document.ts";
import { headingOf, type Labels, wordOf } from "../labels/labels.ts";
import { inline, prose } from "../prose.ts";
import type { Report } from "../report.schema.ts";
import { numbers } from "./parts.ts";

export function verdictCard(labels: Labels, report: Report): Block[] {
  const { fields: names, values, sentences } = labels;
  const card = report.verdictCard;
  return [
    section(null, headingOf(labels, "verdictCard")),
    ...(report.scripted ? [note(sentences.scripted)] : []),
    fields([
      [names.verdict, [{ strong: card.verdictToken }]],
      [names.outcome, wordOf(values.outcomes, report.outcome)],
      [names.direction, inline(card.direction)],
      [names.approvalRequired, yesNo(labels, card.approvalRequired)],
      [names.nextStep, inline(card.nextStep)],
      ...(report.stage === null ? [] : [[names.stage, numbers(labels, [report.stage])] as const]),
      [names.run, [{ code: report.run }]],
      [names.owner, report.owner],
      [names.created, `${report.createdAt}, okstra ${report.okstraVersion}`],
    ]),
    { kind: "keyword", keyword: names.finalConclusion, text: "" },
    ...prose(card.finalConclusion),
  ];
}
