/** Section 7: tasks that this one leaves behind. */
import { type Block, fields } from "../document.ts";
import type { Labels } from "../labels/labels.ts";
import { inline } from "../prose.ts";
import type { FollowUp, Report } from "../report.schema.ts";
import { numbered, tableOrNone } from "./parts.ts";

export function followUps(labels: Labels, report: Report): Block[] {
  const command = [{ code: labels.sentences.spawnWith(report.taskKey) }];
  return [
    numbered(labels, "7", "followUps"),
    followUpTable(labels, report.followUps),
    ...(report.followUps.length === 0 ? [] : [fields([[labels.fields.command, command]])]),
  ];
}

const followUpTable = (labels: Labels, all: readonly FollowUp[]): Block =>
  tableOrNone(
    labels,
    [labels.fields.title, labels.fields.taskType, labels.fields.why, labels.fields.suggestedId],
    all.map(({ title, taskType, why, suggestedId }) => [
      inline(title),
      [{ code: taskType }],
      inline(why),
      [{ code: suggestedId }],
    ]),
  );
