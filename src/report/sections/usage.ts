/** Section 6: tokens and cost of the engine (always 0), the writer, the workers and all. */
import type { Usage } from "../../lifecycle/task.schema.ts";
import { costText, grouped, tokenText, usageSum } from "../amounts.ts";
import { type Block, note, type Text, table } from "../document.ts";
import { type Labels, wordOf } from "../labels/labels.ts";
import type { Report } from "../report.schema.ts";
import { nameIn, numbered } from "./parts.ts";

export function usage(labels: Labels, report: Report): Block[] {
  const { fields: names, values, sentences } = labels;
  const { all, byWorker } = report.usage;
  const of = (writers: boolean) =>
    byWorker.filter(({ role }) => (role === "report-writer") === writers).map((entry) => entry.usage);
  return [
    numbered(labels, "6", "usage"),
    ...(all.unknown === 0 ? [] : [note(sentences.unknownNote(all.unknown))]),
    ...(report.usage.compared ?? []).map((one) => note(comparedText(labels, one))),
    ...(byWorker.length === 0 ? [] : [tokenChart(labels, byWorker)]),
    {
      ...table(
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
          ...byWorker.map((entry) => row(labels, entry.workerId, wordOf(labels.values.roles, entry.role), entry.usage)),
          row(labels, values.engine, values.nothing, usageSum([])),
          row(labels, values.writer, values.nothing, usageSum(of(true))),
          row(labels, values.workers, values.nothing, usageSum(of(false))),
          row(labels, values.all, values.nothing, all),
        ],
      ),
      amounts: 2,
    },
  ];
}

type Compared = NonNullable<Report["usage"]["compared"]>[number];

function comparedText({ sentences }: Labels, { dispatch, stream, log, counts }: Compared): string {
  const text = ({ input, cachedInput, cacheWrite, output, reasoning }: Compared["log"]): string =>
    sentences.tokenCounts([input, cachedInput, cacheWrite, output + reasoning].map(grouped));
  if (counts === "stream" && stream !== null) return sentences.useDiffers(dispatch, text(stream), text(log));
  return counts === "log" ? sentences.useFromLog(dispatch, text(log)) : sentences.useAtLeast(dispatch, text(log));
}

/** In the order of the legend: the counts are disjoint, and what is written to a cache is new input. */
function tokenChart(labels: Labels, byWorker: Report["usage"]["byWorker"]): Block {
  const { sentences } = labels;
  return {
    kind: "chart",
    title: sentences.tokensOf,
    legend: [sentences.freshInput, sentences.cachedInput, sentences.otherTokens],
    rows: byWorker.map(({ workerId, role, usage: used }) => {
      const fresh = used.inputTokens + used.cacheWriteTokens;
      const read = fresh + used.cachedInputTokens;
      return {
        label: nameIn(labels, workerId, role),
        amount: tokenText(labels, used, used.totalTokens),
        parts: [
          { series: 0, from: 0, to: fresh },
          { series: 1, from: fresh, to: read },
          { series: 2, from: read, to: Math.max(read, used.totalTokens) },
        ],
      };
    }),
  };
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
