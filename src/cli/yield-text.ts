/** The yield of workers as a table. Pure. */

import type { YieldAnswer } from "./inspect.schema.ts";
import type { Paint } from "./paint.ts";
import { columns, oneLine } from "./text.ts";

export function yieldText({ runs, rows, notes }: Omit<YieldAnswer, "schemaVersion">, paint: Paint): string {
  const told = notes.map((note) => `${paint.warn("!")} ${oneLine(note)}`);
  if (rows.length === 0) return ["No run has items yet.", ...told].join("\n");
  const table = columns([
    [
      "PHASE",
      "WORKER",
      "MODEL",
      "RUNS",
      "RAISED",
      "CONFIRMED",
      "REFUTED",
      "OPEN",
      "ALONE",
      "TOKENS",
      "USD",
      "USD EACH",
    ],
    ...rows.map((row) =>
      [
        row.taskType,
        row.worker,
        row.model,
        ...[row.runs, row.raised, row.confirmed, row.refuted, row.open, row.uniqueConfirmed, row.tokens].map(String),
        usd(row.costUsd),
        usd(row.costPerConfirmed),
      ].map(oneLine),
    ),
  ]);
  const [head = "", ...body] = table;
  return [
    paint.faint(head),
    ...body,
    "",
    `Of ${runs} run${runs === 1 ? "" : "s"}. ALONE: stated by nobody else, and confirmed; USD EACH: the cost of a confirmed one. "-": not known, or none.`,
    ...told,
  ].join("\n");
}

const usd = (amount: number | null): string => (amount === null ? "-" : amount.toFixed(2));
