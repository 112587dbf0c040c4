/** Lines as a table: Markdown that is also read in a terminal. */

import { judge, type Line, type Other, type Unit } from "./line.ts";
import type { Machine } from "./machine.ts";

export function table(lines: readonly Line[]): string {
  const heads = ["row", "what", "floor", "peers", "ours", "ratio", "target", "verdict", "note"];
  const cells = [heads, ...lines.map(cellsOf)];
  const widths = heads.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const print = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const [head = [], ...rows] = cells;
  return [print(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rows.map(print)].join("\n");
}

export const machineLine = (machine: Machine, loadAtStart: number): string =>
  `${machine.cores} cores (${machine.processor}), node ${machine.node}, git ${machine.git}, ${machine.kernel}, ` +
  `${machine.fileSystem} (durable rows ${machine.disk}), load at start ${loadAtStart}`;

const cellsOf = (line: Line): string[] => [
  line.row,
  line.what,
  line.floor === null ? "-" : other(line.floor, line.unit),
  line.peers.length === 0 ? "-" : line.peers.map((peer) => other(peer, line.unit)).join("; "),
  line.ours === null ? "-" : amount(line.ours, line.unit),
  line.ratio === null ? "-" : `${line.ratio.toFixed(2)} x`,
  targetOf(line),
  verdictOf(line),
  line.note,
];

const other = ({ what, value, quoted }: Other, unit: Unit): string =>
  `${amount(value, unit)} (${what}${quoted === true ? ", quoted" : ""})`;

function targetOf({ target, unit }: Line): string {
  if (target === null) return "-";
  const sign = target.is === "most" ? "<=" : ">=";
  if (target.of === "ratio") return `${sign} ${target.limit} x floor`;
  return `${sign} ${amount(target.limit, unit)}${target.of === "over" ? " over floor" : ""}`;
}

function verdictOf(line: Line): string {
  const { verdict, missedBy } = judge(line);
  if (missedBy === null || line.target === null) return verdict;
  const by = line.target.of === "ratio" ? `${missedBy.toFixed(2)} x` : amount(missedBy, line.unit);
  const share = line.target.limit === 0 ? "" : ` (${Math.round((100 * missedBy) / line.target.limit)} %)`;
  return `MISSED by ${by}${share}`;
}

/** Three digits that count. */
function amount(value: number, unit: Unit): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${unit === "" || unit === "/s" ? unit : ` ${unit}`}`;
}
