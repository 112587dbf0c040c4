/**
 * What a frame may show of a state, row by row, each with how much it matters: stages, the runs that are of no stage, and below
 * those under way their workers. Pure.
 */
import type { Paint } from "../paint.ts";
import { stageSigns } from "../status-text.ts";
import { oneLine } from "../text.ts";
import { type LiveRun, type LiveState, type StageNow, sum, type Use, type Worker } from "./state.ts";
import { costOf, elapsedOf, stepOf, taskOf, tokensOf } from "./words.ts";

export type Tone = keyof Paint | "plain";

export type Row = {
  /** Under another row. */
  readonly inner: boolean;
  /** Lower matters more. */
  readonly rank: number;
  /** How rows like this are counted when there is no room for them: `done`, `waiting`. */
  readonly kind: string;
  readonly sign: string;
  readonly tone: Tone;
  readonly name: string;
  readonly doing: string;
  readonly elapsed: string;
  readonly tokens: string;
  readonly cost: string;
};

export type Moment = { readonly now: number /** Nothing goes on any more. */; readonly final: boolean };

/** `now`: the stages of the state as they stand. */
export function rowsOf(state: LiveState, now: readonly StageNow[], moment: Moment): Row[] {
  const numbers = state.stages.at(-1)?.stageNumber ?? 0;
  const stages = now.flatMap((stage) => stageRows(stage, { moment, digits: String(numbers).length }));
  const known = new Set(state.stages.map((stage) => stage.stageNumber));
  const runs = [...state.runs.values()].filter((run) => run.stage === null || !known.has(run.stage));
  // The head of the frame speaks of the only run already.
  const single = state.stages.length === 0 && runs.length === 1;
  return [
    ...stages,
    ...runs.flatMap((run) => [
      ...(single ? [] : [runRow(run, moment)]),
      ...workerRows(run, moment, single || run.end === null),
    ]),
  ];
}

const tones: Readonly<Record<StageNow["state"], Tone>> = {
  blocked: "faint",
  ready: "plain",
  active: "strong",
  done: "good",
  verified: "good",
  "merge-conflict": "bad",
  ended: "bad",
};
const ranks: Readonly<Record<StageNow["state"], number>> = {
  active: 0,
  "merge-conflict": 1,
  ended: 1,
  ready: 3,
  blocked: 4,
  done: 5,
  verified: 5,
};
const workerRank = 2;

function stageRows(stage: StageNow, { moment, digits }: { moment: Moment; digits: number }): Row[] {
  const { state, run } = stage;
  const stopped = moment.final && run?.end === null;
  const row: Row = {
    inner: false,
    rank: ranks[state],
    kind: state === "blocked" ? "waiting" : state,
    sign: stopped ? "!" : (stageSigns[state] ?? "✗"),
    tone: stopped ? "warn" : tones[state],
    name: `${String(stage.stageNumber).padStart(digits)} ${oneLine(stage.title)}`,
    doing: doingOf(stage, moment),
    ...(run === undefined ? noNumbers : numbersOf(run, moment)),
  };
  return run === undefined ? [row] : [row, ...workerRows(run, moment, run.end === null)];
}

const noNumbers = { elapsed: "", tokens: "", cost: "" };

function doingOf({ state, run, interrupted, waitsFor, dependsOn }: StageNow, moment: Moment): string {
  if (run !== undefined) return runDoing(run, moment);
  if (state === "blocked") return `waits for ${waitsFor.join(", ")}`;
  if (state === "active") return interrupted ? "interrupted" : "another process builds it";
  return dependsOn.length === 0 ? state : `${state} <- ${dependsOn.join(", ")}`;
}

/** `claude writing code`, `claude, codex verifying`, `merging`, `done`. */
export function runDoing(run: LiveRun, { final }: Moment): string {
  const { end } = run;
  if (end !== null) {
    if (end.outcome === "completed") return end.verdict === null ? "done" : oneLine(end.verdict);
    return end.reason === null || end.reason === end.outcome ? end.outcome : `${end.outcome} (${oneLine(end.reason)})`;
  }
  if (final) return "stopped";
  const [first, ...more] = [...run.workers.values()].filter((worker) => worker.open !== null);
  if (first === undefined || first.open === null) return stepOf(run);
  return `${[first, ...more].map(({ worker }) => oneLine(worker)).join(", ")} ${taskOf(first.open)}`;
}

function numbersOf({ since, end, use }: LiveRun, { now }: Moment): Pick<Row, "elapsed" | "tokens" | "cost"> {
  return { elapsed: elapsedOf((end?.at ?? now) - since), tokens: tokensOf(use), cost: costOf(use) };
}

function runRow(run: LiveRun, moment: Moment): Row {
  const { end } = run;
  const stopped = moment.final && end === null;
  const good = end?.outcome === "completed";
  return {
    inner: false,
    rank: end === null ? 0 : good ? 5 : 1,
    kind: end === null ? "active" : good ? "done" : "ended",
    sign: stopped ? "!" : end === null ? "●" : good ? "✓" : "✗",
    tone: stopped ? "warn" : end === null ? "strong" : good ? "good" : "bad",
    name: oneLine(run.id.slice(run.id.indexOf("@") + 1)),
    doing: runDoing(run, moment),
    ...numbersOf(run, moment),
  };
}

/** Of a run that has ended only those who failed in it, unless all are wanted. */
function workerRows(run: LiveRun, moment: Moment, all: boolean): Row[] {
  return [...run.workers.values()].filter((worker) => all || failed(worker)).map((worker) => workerRow(worker, moment));
}

const failed = ({ open, last }: Worker): boolean => open === null && last !== null && last.status !== "completed";

function workerRow(worker: Worker, { now, final }: Moment): Row {
  const { open, last, use } = worker;
  const working = open !== null && !final;
  const bad = failed(worker);
  const elapsed = open === null ? worker.tookMs : now - open.since;
  return {
    inner: true,
    rank: workerRank,
    kind: "workers",
    sign: working ? "●" : open !== null ? "!" : bad ? "✗" : "✓",
    tone: working ? "plain" : open !== null ? "warn" : bad ? "bad" : "faint",
    name: `${oneLine(worker.worker)}${worker.worker === worker.role ? "" : ` ${oneLine(worker.role)}`}`,
    doing: working ? taskOf(open) : open !== null ? "stopped" : bad ? badly(last) : "answered",
    elapsed: elapsedOf(elapsed),
    tokens: tokensOf(use),
    cost: costOf(use),
  };
}

const badly = (last: Worker["last"]): string => oneLine(last?.reason ?? last?.status ?? "");

/** Of all runs together. */
export const totalOf = (state: LiveState): Use =>
  [...state.runs.values()].reduce<Use>((all, run) => sum(all, run.use), { tokens: 0, costUsd: null });
