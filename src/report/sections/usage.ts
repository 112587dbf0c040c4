/** Section 6: tokens and cost of the engine (always 0), the writer, the workers and all. */
import type { Usage } from "../../lifecycle/task.schema.ts";
import { costText, tokenText, usageSum } from "../amounts.ts";
import { type Block, note, type Text, table } from "../document.ts";
import type { Labels } from "../labels/labels.ts";
import type { Report } from "../report.schema.ts";
import { numbered } from "./parts.ts";

export function usage(labels: Labels, report: Report): Block[] {
  const { fields: names, values, sentences } = labels;
  const { all, byWorker } = report.usage;
  const of = (writers: boolean) =>
    byWorker.filter(({ role }) => (role === "report-writer") === writers).map((entry) => entry.usage);
  return [
    numbered(labels, "6", "usage"),
    ...(all.unknown === 0 ? [] : [note(sentences.unknownNote(all.unknown))]),
    table(
      [
        names.worker,
        names.role,
        names.input,
        names.cached,
        names.cacheWrite,
        names.output,
        names.reasoning,
        names.total,
        names.billable,
        names.cost,
      ],
      [
        ...byWorker.map((entry) => row(labels, entry.workerId, entry.role, entry.usage)),
        row(labels, values.engine, values.nothing, usageSum([])),
        row(labels, values.writer, values.nothing, usageSum(of(true))),
        row(labels, values.workers, values.nothing, usageSum(of(false))),
        row(labels, values.all, values.nothing, all),
      ],
    ),
  ];
}

function row(labels: Labels, who: string, role: string, used: Usage): Text[] {
  const tokens = (count: number) => tokenText(labels, used, count);
  return [
    who,
    role,
    tokens(used.inputTokens),
    tokens(used.cachedInputTokens),
    tokens(used.cacheWriteTokens),
    tokens(used.outputTokens),
    tokens(used.reasoningTokens),
    tokens(used.totalTokens),
    tokens(Math.max(0, used.totalTokens - used.cachedInputTokens)),
    costText(labels, used),
  ];
}
