/** What a terminal shows of a report: the conclusion, what stands, what to do next. */
import type { ItemClass } from "../convergence/convergence.schema.ts";
import { costText, tokenText } from "./amounts.ts";
import { catalogues, type Labels, wordOf } from "./labels/labels.ts";
import { nextStepOf } from "./next-step.ts";
import type { Report } from "./report.schema.ts";
import { inItsLanguage } from "./said.ts";
import { reasonIn, tokenIn } from "./sections/parts.ts";
import { oneLine, shortened } from "./visible.ts";

/** 5 to 12 lines, each one line of visible text without colour, then where the report is. */
export function summaryLines(given: Report, path?: string): string[] {
  const report = inItsLanguage(given);
  const labels = catalogues[report.language];
  const { fields, values, sentences } = labels;
  const { verdictCard: card, usage } = report;
  const open = report.clarifications.filter(({ status }) => status === "open");
  const blocking = open.filter(({ blocks }) => blocks !== "none").length;
  const done = report.roster.filter(({ status }) => status === "completed").length;
  const scripted = report.scripted ? ` (${values.scripted})` : "";
  return [
    `${report.run}: ${wordOf(values.outcomes, report.outcome)}`,
    `${sentences.conclusion}: ${shortened(card.finalConclusion, 300)}`,
    `${fields.verdict}: ${oneLine(tokenIn(labels, card.verdictToken))}`,
    ...(report.items.length === 0 ? [] : [`${labels.headings.items}: ${counts(labels, report)}`]),
    ...(report.roster.length === 0
      ? []
      : [`${fields.workers}: ${sentences.answered(done, report.roster.length)}${scripted}`]),
    ...lacking(labels, report),
    ...(open.length === 0
      ? []
      : [`${labels.headings.clarifications}: ${sentences.openQuestions(open.length, blocking)}`]),
    `${sentences.usage}: ${sentences.tokens(tokenText(labels, usage.all, usage.all.totalTokens), usage.all.unknown)}, ${fields.cost.toLowerCase()} ${costText(labels, usage.all)}`,
    `${sentences.next}: ${shortened(nextStepOf(report, given), 300)}`,
    ...(path === undefined ? [] : [`${sentences.report}: ${path}`]),
  ].map(oneLine);
}

/** Who gave nothing, and why; three at most. */
const lacking = (labels: Labels, { roster }: Report): string[] =>
  roster
    .filter(({ status }) => status !== "completed")
    .slice(0, 3)
    .map(({ workerId, status, reason }) =>
      shortened(
        `${workerId}: ${wordOf(labels.values.workerStatuses, status)}${reason === null ? "" : `, ${reasonIn(labels, reason)}`}`,
        200,
      ),
    );

const order: readonly ItemClass[] = [
  "full-consensus",
  "partial-consensus",
  "worker-unique",
  "contested",
  "refuted",
  "unsubstantiated",
];

const counts = (labels: Labels, report: Report): string =>
  order
    .map((name) => ({ name, count: report.items.filter((item) => item.class === name).length }))
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count} ${labels.values.classes[name]}`)
    .join(", ");
