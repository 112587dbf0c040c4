/** Section 5 of the last two phases: final verification and hand-off. */
import { commitText, yesNo } from "../amounts.ts";
import { type Block, fields } from "../document.ts";
import { type Labels, wordOf } from "../labels/labels.ts";
import { inline } from "../prose.ts";
import type { ReportFinalVerification, ReportReleaseHandoff } from "../report.schema.ts";
import { commandTable, listOrNone, numbered, numbers, proseOrNone, tableOrNone, tokenIn } from "./parts.ts";

export function verification(labels: Labels, report: ReportFinalVerification): Block[] {
  const { fields: names, values } = labels;
  return [
    numbered(labels, "5.1", "scope"),
    fields([
      [names.verdict, [{ strong: tokenIn(labels, report.verdict) }]],
      [names.scope, scopeIn(labels, report.scope)],
      [names.commit, commitText(labels, report.verifiedCommit)],
      [names.base, commitText(labels, report.baseCommit)],
      [names.dbState, wordOf(values.databases, report.dbState)],
    ]),
    numbered(labels, "5.2", "blockers"),
    listOrNone(labels, report.acceptanceBlockers),
    numbered(labels, "5.3", "risks"),
    listOrNone(labels, report.residualRisks),
    numbered(labels, "5.4", "coverage"),
    tableOrNone(
      labels,
      [names.id, names.requirement, names.covered, names.artefact, names.stages],
      report.coverage.map(({ requirement, text, covered, artefact, stages }) => [
        requirement,
        inline(text),
        yesNo(labels, covered),
        artefact === "" ? values.nothing : inline(artefact),
        numbers(labels, stages),
      ]),
    ),
    numbered(labels, "5.5", "commands"),
    commandTable(labels, report.commands),
    numbered(labels, "5.6", "workerVerdicts"),
    tableOrNone(
      labels,
      [names.worker, names.verdict],
      report.workerVerdicts.map(({ workerId, verdict }) => [workerId, tokenIn(labels, verdict)]),
    ),
  ];
}

export function handoff(labels: Labels, report: ReportReleaseHandoff): Block[] {
  const { fields: names, values } = labels;
  return [
    numbered(labels, "5.1", "action"),
    fields([
      [names.action, tokenIn(labels, report.action)],
      [names.base, [{ code: report.base }]],
      [names.branch, [{ code: report.branch }]],
    ]),
    numbered(labels, "5.2", "commands"),
    commandTable(labels, report.commands),
    numbered(labels, "5.3", "pullRequest"),
    fields([[labels.headings.pullRequest, report.pullRequest ?? values.nothing]]),
    numbered(labels, "5.4", "probe"),
    ...proseOrNone(labels, report.conflictProbe),
  ];
}

/** `task`, or `stage-2`. */
function scopeIn({ values, sentences }: Labels, scope: string): string {
  const [, stages] = /^stages?-([\d-]+)$/.exec(scope) ?? [];
  return stages === undefined ? (scope === "task" ? values.wholeTask : scope) : sentences.stageScope(stages);
}
