/**
 * A state as the lines of a frame, at most as wide and as high as the terminal: the head, what matters most of the graph, and the
 * last lines that were said. Pure: the same state, size and time give the same lines.
 */
import type { Paint } from "../paint.ts";
import { clipped, oneLine, padded, widthOf } from "../text.ts";
import { type Moment, type Row, rowsOf, runDoing, type Tone, totalOf } from "./rows.ts";
import { type LiveState, type Passing, type StageNow, stagesNow } from "./state.ts";
import { costOf, elapsedOf, tokensOf } from "./words.ts";

export type Look = Moment & {
  readonly columns: number;
  /** Lines at most; a final frame takes what it needs. */
  readonly rows: number;
  readonly paint: Paint;
};

export function frameOf(state: LiveState, look: Look): string[] {
  const stages = stagesNow(state);
  const head = headOf(state, stages, look);
  const all = rowsOf(state, stages, look);
  if (look.final) return [head, ...tableOf(all, look)];
  const room = Math.max(1, look.rows);
  const shown = choose(all, room - 1 - Math.min(leastPassing(room), state.passing.length));
  const left = room - 1 - shown.rows.length - (shown.more === "" ? 0 : 1);
  // A blank line parts the two, where there is one to spare.
  const blank = state.passing.length > 0 && left > 3 ? [""] : [];
  const count = Math.max(0, Math.min(mostPassing, left - blank.length, state.passing.length));
  const passing = state.passing.slice(state.passing.length - count);
  return [
    head,
    ...tableOf(shown.rows, look),
    ...(shown.more === "" ? [] : [look.paint.faint(clipped(`  ${shown.more}`, look.columns))]),
    ...blank,
    ...passing.map((line) => passingLine(line, state, look)),
  ];
}

const mostPassing = 5;
const leastPassing = (room: number): number => (room >= 20 ? 4 : room >= 9 ? 2 : room >= 6 ? 1 : 0);

type Shown = { readonly rows: readonly Row[]; readonly more: string };

/** Those that matter most, in their own order, and a line that counts the others. */
function choose(all: readonly Row[], room: number): Shown {
  if (all.length <= room) return { rows: all, more: "" };
  const ordered = all.map((row, index) => ({ row, index })).sort((a, b) => a.row.rank - b.row.rank || nearer(a, b));
  const kept = new Set(ordered.slice(0, Math.max(0, room - 1)).map(({ index }) => index));
  const hidden = new Map<string, number>();
  all.forEach((row, index) => {
    if (!kept.has(index) && !row.inner) hidden.set(row.kind, (hidden.get(row.kind) ?? 0) + 1);
  });
  const counts = [...hidden].map(([kind, count]) => `${count} ${kind}`);
  const more = room < 1 || counts.length === 0 ? "" : `and ${counts.join(", ")}`;
  return { rows: all.filter((_, index) => kept.has(index)), more };
}

type Placed = { readonly row: Row; readonly index: number };

/** Of what is done the last, of all else the first. */
const nearer = (a: Placed, b: Placed): number => (a.row.kind === "done" ? b.index - a.index : a.index - b.index);

/** `implement shop/checkout/total    2 of 5 stages done · 1:23 · 15.2k tokens · $0.12` */
function headOf(state: LiveState, stages: readonly StageNow[], look: Look): string {
  const { columns, paint, now } = look;
  const use = totalOf(state);
  const tokens = tokensOf(use);
  const ends = [...state.runs.values()].map((run) => run.end?.at ?? now);
  const until = look.final ? Math.max(state.since, ...ends) : now;
  const facts = [
    standingOf(state, stages, look),
    elapsedOf(until - state.since),
    ...(tokens === "" ? [] : [`${tokens} tokens`]),
    ...(use.costUsd === null ? [] : [costOf(use)]),
  ].filter((fact) => fact !== "");
  // What says least goes first when there is no room for all.
  while (facts.length > 1 && columns < leastTitle + 2 + widthOf(facts.join(dot))) facts.pop();
  const right = clipped(facts.join(dot), Math.max(1, columns - 2 - leastTitle));
  const room = columns - 2 - widthOf(right);
  if (room < leastTitle) return paint.strong(titleIn(columns, state));
  return `${paint.strong(titleIn(room, state))}  ${paint.faint(right)}`;
}

/** The end of a task's key says more than its beginning, and more than the verb. */
function titleIn(columns: number, { title }: LiveState): string {
  const line = oneLine(title);
  const short = line.replace(/(?:[^\s/]+\/)+/, "…/");
  const shortest = short.slice(short.lastIndexOf(" ") + 1);
  return [line, short].find((one) => widthOf(one) <= columns) ?? clipped(shortest, columns);
}

const dot = " · ";
const leastTitle = 12;

function standingOf(state: LiveState, stages: readonly StageNow[], look: Look): string {
  if (stages.length > 0) {
    const done = stages.filter((stage) => stage.state === "done" || stage.state === "verified").length;
    return look.columns < 60 ? `${done}/${stages.length} done` : `${done} of ${stages.length} stages done`;
  }
  const [only, ...more] = state.runs.values();
  if (only === undefined) return "starting";
  // What its workers do stands below.
  const workersSay = [...only.workers.values()].some((worker) => worker.open !== null) && !look.final;
  return more.length > 0 || workersSay ? "" : runDoing(only, look);
}

/** The rows in columns; where there is no room for all, first cost goes, then tokens, then time. */
function tableOf(rows: readonly Row[], { columns, paint, final }: Look): string[] {
  const cells = rows.map((row) => ({ row, name: `${row.inner ? "    " : "  "}${row.sign} ${row.name}` }));
  const widest = (of: (cell: { row: Row; name: string }) => string): number =>
    Math.max(0, ...cells.map((cell) => widthOf(of(cell))));
  const widths = {
    name: widest(({ name }) => name),
    doing: Math.min(
      final ? 60 : 30,
      widest(({ row }) => row.doing),
    ),
  };
  const numbers = numberColumns
    .map((column) => ({ column, width: widest(({ row }) => row[column]) }))
    .filter(({ width }) => width > 0);
  const rest = (): number => columns - numbers.reduce((all, { width }) => all + width + 2, 0);
  while (numbers.length > 0 && rest() < Math.min(widths.name, leastName) + 2 + Math.min(widths.doing, leastDoing))
    numbers.pop();
  const room = rest() - 2;
  const doing = Math.max(0, Math.min(widths.doing, Math.max(room - widths.name, Math.floor(room * doingShare))));
  const name = Math.max(1, Math.min(widths.name, rest() - (doing === 0 ? 0 : doing + 2)));
  return cells.map(({ row, name: text }) => {
    const parts = [
      padded(clipped(text, name), name),
      ...(doing === 0 ? [] : [padded(clipped(row.doing, doing), doing)]),
      ...numbers.map(({ column, width }) => row[column].padStart(width)),
    ];
    return painted(parts.join("  ").trimEnd(), row.tone, paint);
  });
}

const numberColumns = ["elapsed", "tokens", "cost"] as const;
/** What is left to the second column at least, where the first one cannot have all it wants. */
const doingShare = 0.45;
const leastName = 18;
const leastDoing = 12;

/** `  0:12  stage 2  phase-7-check npm test passed` */
function passingLine({ at, stage, text, tone }: Passing, state: LiveState, { columns, paint }: Look): string {
  const of = stage === null || state.runs.size < 2 ? "" : `stage ${stage}  `;
  const line = clipped(`  ${elapsedOf(at - state.since)}  ${of}${text}`, columns);
  return painted(line, tone === "plain" ? "faint" : tone, paint);
}

const painted = (text: string, tone: Tone, paint: Paint): string => (tone === "plain" ? text : paint[tone](text));
