/** The Verdict Card: what came out and what to do next, on one screen. */
import { contentHash, riskHash, shortContent } from "../../lifecycle/index.ts";
import { timeText, yesNo } from "../amounts.ts";
import { type Block, type Field, fields, note, section, type Text, type Tone } from "../document.ts";
import { headingOf, type Labels, wordOf } from "../labels/labels.ts";
import { approveCommand, mayBeApproved, nextStepOf } from "../next-step.ts";
import { inline, prose } from "../prose.ts";
import type { ApprovalMark, Report, ReportFinalVerification, ReportImplementationPlanning } from "../report.schema.ts";
import { numbers, tokenIn } from "./parts.ts";

/** `data`: the report as it is kept, which hashes are of; `report`: as its reader sees it. */
export function verdictCard(labels: Labels, report: Report, data: Report): Block[] {
  const { fields: names, values, sentences } = labels;
  const card = report.verdictCard;
  return [
    section(null, headingOf(labels, "verdictCard")),
    ...(report.scripted ? [note(sentences.scripted)] : []),
    {
      kind: "card",
      tone: toneOf(report),
      blocks: [
        fields([
          [names.verdict, [{ strong: tokenIn(labels, card.verdictToken) }]],
          // Whoever reads that the plan passed its check reads at once that a person did not want it.
          ...("sentBack" in data && data.sentBack !== undefined ? [sentBackBy(labels, data.sentBack)] : []),
          [names.outcome, wordOf(values.outcomes, report.outcome)],
          [names.direction, inline(card.direction)],
          ...(isDecided(report) ? [] : [[names.approvalRequired, yesNo(labels, card.approvalRequired)] as const]),
          [names.nextStep, commandOr(nextStepOf(report, data))],
          ...(report.stage === null ? [] : [[names.stage, numbers(labels, [report.stage])] as const]),
          ...("approval" in data ? approval(labels, data) : []),
          ...(data.taskType === "final-verification" ? acceptance(labels, data) : []),
          [names.run, [{ code: report.run }]],
          [names.owner, report.owner],
          [names.created, `${timeText(report.createdAt)}, okstra ${report.okstraVersion}`],
        ]),
        { kind: "keyword", keyword: names.finalConclusion, text: "" },
        ...prose(card.finalConclusion),
      ],
    },
  ];
}

/** Whether a person said what they were asked for. */
const isDecided = (report: Report): boolean =>
  ("approval" in report && (report.approval !== null || report.sentBack !== undefined)) ||
  ("acceptance" in report && report.acceptance !== undefined);

/** A command to type is shown as one. */
const commandOr = (step: string): Text => (/^(?:okstra|git|gh) \S/.test(step) ? [{ code: step }] : inline(step));

/** Whether all is done, a person is asked, or it did not come to what it was for. */
function toneOf(report: Report): Tone {
  const verdict = report.taskType === "final-verification" ? report.verdict : null;
  const isTaken = report.taskType === "final-verification" && report.acceptance !== undefined;
  if (report.outcome === "blocked" || (verdict === "conditional-accept" && !isTaken)) return "waits";
  if (report.outcome !== "completed" || verdict === "blocked") return "bad";
  const gate = "planBodyVerification" in report ? (report.planBodyVerification?.gate ?? null) : "passed";
  if (gate === null || gate === "blocked-by-disagreement" || gate === "aborted-non-result") return "bad";
  if (report.taskType === "implementation" && report.integration.state !== "merged") return "waits";
  const asked = report.clarifications.some(({ status, blocks }) => status === "open" && blocks !== "none");
  const unapproved =
    report.verdictCard.approvalRequired && !isTaken && !("approval" in report && report.approval !== null);
  return asked || unapproved ? "waits" : "good";
}

/** The content that is or would be approved, and the exact command while the gate lets a person approve. */
function approval(labels: Labels, report: ReportImplementationPlanning): Field[] {
  if (report.plan === null) return [];
  const { fields: names } = labels;
  const content = shortContent(contentHash(report));
  const approve = approveCommand(report);
  // Where questions are open, the next step is another.
  const mayApprove = mayBeApproved(report) && nextStepOf(report, report) !== approve;
  return [
    [names.content, [{ code: content }]],
    ...(mayApprove ? [[names.approve, [{ code: approve }]] as const] : []),
    ...(report.approval === null ? [] : [[names.approval, approvedBy(labels, report.approval)] as const]),
  ];
}

/** The risks that a person took, or the exact command that takes them. */
function acceptance(labels: Labels, report: ReportFinalVerification): Field[] {
  if (report.verdict !== "conditional-accept" || report.scope !== "task") return [];
  const { fields: names, sentences } = labels;
  const content = shortContent(riskHash(report));
  return [
    [names.content, [{ code: content }]],
    report.acceptance === undefined
      ? [names.accept, [{ code: sentences.acceptWith(report.taskKey, content) }]]
      : [names.risksTaken, acceptedBy(labels, report.acceptance)],
  ];
}

const acceptedBy = (labels: Labels, { who, time, note: reason }: ApprovalMark): string =>
  `${labels.sentences.acceptedBy(who, timeText(time))}: ${reason}`;

const sentBackBy = ({ fields: names, sentences }: Labels, { who, time, note: reason }: ApprovalMark): Field => [
  names.sentBack,
  inline(`${sentences.sentBackBy(who, timeText(time))}: ${reason}`),
];

function approvedBy(labels: Labels, mark: NonNullable<ReportImplementationPlanning["approval"]>): string {
  const said = labels.sentences.approvedBy(mark.who, timeText(mark.time));
  return mark.note === "" ? said : `${said}: ${mark.note}`;
}
