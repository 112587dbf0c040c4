/** 5.6 Plan Body Verification: the gate, and every part of the plan that somebody did not simply agree with. */
import type { PlanBodyState, PlanItem } from "../../convergence/convergence.schema.ts";
import { yesNo } from "../amounts.ts";
import { type Block, fields, list, type Text, table, text } from "../document.ts";
import { type Labels, wordOf } from "../labels/labels.ts";
import { inline } from "../prose.ts";

export function planBody(labels: Labels, state: PlanBodyState | null): Block[] {
  if (state === null) return [text(labels.values.notDelivered)];
  const { fields: names, values } = labels;
  return [
    fields([
      [names.gate, [{ strong: wordOf(values.gates, state.gate) }]],
      [labels.headings.items, String(state.items.length)],
      [names.workers, state.answered.join(", ") || values.nothing],
    ]),
    ...(state.skippedWorkers.length === 0
      ? []
      : [list(state.skippedWorkers.map(({ worker, why }) => `${worker}: ${wordOf(values.workerStatuses, why)}`))]),
    ...spoken(labels, state.items),
  ];
}

function spoken(labels: Labels, items: readonly PlanItem[]): Block[] {
  const { fields: names } = labels;
  const rows = items.flatMap((item) =>
    item.verdicts.filter(({ verdict }) => verdict !== "AGREE").map((verdict) => row(labels, item, verdict)),
  );
  if (rows.length === 0) return [];
  return [table([names.item, names.worker, names.verdict, names.reason, names.blocking], rows)];
}

function row(labels: Labels, item: PlanItem, said: PlanItem["verdicts"][number]): Text[] {
  const code =
    said.reasonCode === null ? "" : `${said.reasonCode} (${wordOf(labels.values.reasonCodes, said.reasonCode)}): `;
  return [
    item.id,
    said.worker,
    wordOf(labels.values.verdicts, said.verdict),
    inline(code + said.reason),
    yesNo(labels, item.refused),
  ];
}
