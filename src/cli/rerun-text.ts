/** A batch of runs for people: a table of what was started, then the others with the reason. Pure. */
import type { Rerun } from "../engine/index.ts";
import type { Paint } from "./paint.ts";
import { endOf, signOf } from "./run-words.ts";
import { columns, oneLine } from "./text.ts";

export function rerunText({ batch, record, runs, attach }: Rerun, paint: Paint): string {
  const { items, summary } = batch;
  const started = items.filter((item) => item.status === "spawned" || item.status === "dry-run");
  const rows = started.map(({ newRunId, sessionName }) => [
    oneLine(newRunId ?? "-"),
    sessionName ?? "-",
    attach[newRunId ?? ""] ?? "-",
  ]);
  const [head = "", ...lines] = columns([["RUN-ID", "SESSION-NAME", "ATTACH"], ...rows]);
  const others = items.filter((item) => !started.includes(item));
  return [
    ...(rows.length === 0 ? [] : [paint.faint(head), ...lines]),
    ...others.map((item) => `${item.status} ${oneLine(item.originalRunId)}: ${oneLine(item.skipReason ?? "")}`),
    ...runs.map((run) => `${signOf(run, paint)} ${oneLine(run.id)}: ${endOf(run)}`),
    `${summary.total} runs: ${countsOf(batch)}`,
    ...(record === null ? [] : [`Record: ${record}`]),
  ].join("\n");
}

function countsOf({ items, summary }: Rerun["batch"]): string {
  const foretold = items.filter(({ status }) => status === "dry-run").length;
  const words = [
    foretold > 0 ? `${foretold} would be spawned` : `${summary.spawned} spawned`,
    `${summary.skipped} skipped`,
    `${summary.rejected} rejected`,
  ];
  return words.join(", ");
}
