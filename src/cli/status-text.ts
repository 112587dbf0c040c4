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
  const next = task.next === null ? "" : `, next ${task.next.taskType} (${shortened(task.next.why, 300)})`;
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
    ...needs.slice(0, mostNeeds).map((need) => `    ${paint.faint(oneLine(need))}`),
    ...(needs.length > mostNeeds ? [`    ${paint.faint(`and ${needs.length - mostNeeds} more like these`)}`] : []),
  ]);

/** A large task's status stays a page; `--json` has all of it. */
const mostNeeds = 10;
const mostStages = 60;
const mostOfState = 12;

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
  const stages = task.stages.length > mostStages ? someOf(task.stages) : task.stages;
  const rows = stages.map((stage) => [
    `${stageSigns[stage.state] ?? "?"} ${stage.stageNumber}`,
    stage.state,
    shortened(stage.title, 50),
    stage.dependsOn.length === 0 ? "" : `<- ${stage.dependsOn.join(", ")}`,
    oneLine(stage.branch ?? ""),
    stage.headCommit?.slice(0, 12) ?? "",
  ]);
  const lines = columns(rows).map((line, index) => {
    const state = stages[index]?.state;
    if (state === "done" || state === "verified") return paint.good(line);
    return state === "blocked" ? paint.faint(line) : line;
  });
  return stages === task.stages ? lines : [...lines, countsOf(task)];
}

type Stages = TaskStatus["task"]["stages"];

/** What is worked on or stuck, what was done last, and what comes first of the rest. */
function someOf(stages: Stages): Stages {
  const shown = new Set<Stages[number]>();
  const states = new Set(stages.map(({ state }) => state));
  for (const state of states) {
    const those = stages.filter((stage) => stage.state === state);
    const isPast = state === "done" || state === "verified";
    for (const stage of isPast ? those.slice(-mostOfState) : those.slice(0, mostOfState)) shown.add(stage);
  }
  return stages.filter((stage) => shown.has(stage));
}

function countsOf({ key, stages }: TaskStatus["task"]): string {
  const counts = new Map<string, number>();
  for (const { state } of stages) counts.set(state, (counts.get(state) ?? 0) + 1);
  const told = [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
  return `${stages.length} stages: ${told}. All of them: okstra status ${shellWord(oneLine(key))} --json`;
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
