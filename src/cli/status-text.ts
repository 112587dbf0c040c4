/** A task at a glance, for people: gates and what they need, stages as a small graph, runs, open questions. Pure. */

import type { TaskStatus } from "../engine/index.ts";
import type { RunSummary } from "../lifecycle/task.schema.ts";
import { shellWord } from "../model/index.ts";
import { nextStep } from "./next-step.ts";
import type { Paint } from "./paint.ts";
import { endOf, signOf } from "./run-words.ts";
import { columns, hint, minuteOf, oneLine, shortened } from "./text.ts";

export function statusText(status: TaskStatus, paint: Paint): string {
  const { task } = status;
  const next = task.next === null ? "" : `, next ${task.next.taskType} (${oneLine(task.next.why)})`;
  return [
    `${paint.strong(oneLine(task.key))}  ${shortened(task.title, 80)}`,
    `${task.category}, phase ${task.phase}${next}`,
    ...fixCycleLines(task.fixCycle),
    ...part(paint, "Gates", gateLines(status, paint)),
    ...part(paint, "Stages", stageLines(status, paint)),
    ...part(paint, "Runs", runLines(status, paint)),
    ...part(paint, status.left[0]?.kind === "candidate" ? "Candidates" : "Parts", leftLines(status)),
    ...part(paint, "Questions", questionLines(status, paint)),
    ...part(
      paint,
      "Interrupted",
      status.interrupted.map((run) => `okstra resume ${shellWord(oneLine(run))}`),
    ),
    ...hint(nextStep(status), paint),
  ].join("\n");
}

/** A closed one is history. */
const fixCycleLines = (cycle: TaskStatus["task"]["fixCycle"]): string[] =>
  cycle?.state === "open"
    ? [`Fix cycle ${cycle.cycle}, open since ${minuteOf(cycle.openedAt)}: ${shortened(cycle.reason, 120)}`]
    : [];

const part = (paint: Paint, name: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ["", paint.strong(name), ...lines.map((line) => `  ${line}`)];

const gateLines = ({ task }: TaskStatus, paint: Paint): string[] =>
  task.gates.flatMap(({ name, open, needs }) => [
    `${open ? paint.good("✓") : paint.warn("✗")} ${name}`,
    ...needs.map((need) => `    ${paint.faint(oneLine(need))}`),
  ]);

export const stageSigns: Readonly<Record<string, string>> = {
  blocked: "·",
  ready: "○",
  active: "●",
  done: "✓",
  verified: "✓",
  "merge-conflict": "!",
};

/** `✓ 1 done      Add the failing test      <- 1, 2`: the arrow names what a stage builds on. */
function stageLines({ task }: TaskStatus, paint: Paint): string[] {
  const rows = task.stages.map((stage) => [
    `${stageSigns[stage.state] ?? "?"} ${stage.stageNumber}`,
    stage.state,
    shortened(stage.title, 50),
    stage.dependsOn.length === 0 ? "" : `<- ${stage.dependsOn.join(", ")}`,
    oneLine(stage.branch ?? ""),
    stage.headCommit?.slice(0, 12) ?? "",
  ]);
  return columns(rows).map((line, index) => {
    const state = task.stages[index]?.state;
    if (state === "done" || state === "verified") return paint.good(line);
    return state === "blocked" ? paint.faint(line) : line;
  });
}

/** The last run also says why it did not complete and how to go on. */
const runLines = ({ runs, interrupted }: TaskStatus, paint: Paint): string[] => [
  ...columns(
    runs.map((run) => [
      `${signOf(run, paint, interrupted)} ${oneLine(run.id.slice(run.id.indexOf("@") + 1))}`,
      endOf(run, interrupted),
      oneLine(run.verdict ?? ""),
      minuteOf(run.startedAt),
    ]),
  ),
  ...failureOf(runs.at(-1)).map((line) => `    ${paint.faint(shortened(line, 400))}`),
];

function failureOf(run: RunSummary | undefined): string[] {
  const { message = "", remedy = "" } = run?.failure ?? {};
  return [message, remedy === "" ? "" : `To go on: ${remedy}`].filter((line) => line !== "");
}

const leftLines = ({ left }: TaskStatus): string[] =>
  columns(
    left.map(({ id, taskType, title, key }) => [oneLine(id), taskType, shortened(title, 60), oneLine(key ?? "-")]),
  );

const questionLines = ({ clarifications }: TaskStatus, paint: Paint): string[] =>
  clarifications
    .filter((item) => item.status === "open" || item.status === "answered")
    .flatMap((item) => [
      `${item.id} ${item.status}${item.blocks === "none" ? "" : `, blocks ${item.blocks}`}: ${shortened(item.question, 200)}`,
      ...(item.userInput === null ? [] : [`    ${paint.faint(shortened(item.userInput, 200))}`]),
    ]);
