/**
 * What a live view knows: a fold over the events of all runs that this process executes, and over the stages as they stood when
 * it began. Pure: the same events give the same state, however they arrive.
 */
import type { DispatchIdentity, DispatchStatus, EventData, JournalEvent, Outcome } from "../../model/index.ts";
import { readiness, type StageRecord, type StageState } from "../../stages/index.ts";
import { passingOf } from "./passing.ts";

/** A stage of the plan before this process did anything. */
export type KnownStage = {
  readonly stageNumber: number;
  readonly title: string;
  readonly dependsOn: readonly number[];
  readonly state: StageState;
  /** Its run was begun by a process that is gone. */
  readonly interrupted?: boolean;
};

export type Use = { readonly tokens: number; readonly costUsd: number | null };

/** A worker in one of the roles that a run's dispatches name. */
export type Worker = {
  /** Its name: `claude`. */
  readonly worker: string;
  readonly role: string;
  /** What it is asked now. */
  readonly open: {
    readonly name: string;
    readonly purpose: string;
    readonly round: number | null;
    since: number;
  } | null;
  /** How its last answer ended. */
  readonly last: { readonly status: DispatchStatus; readonly reason: string | null } | null;
  /** Milliseconds of all its answers. */
  readonly tookMs: number;
  readonly use: Use;
};

export type LiveRun = {
  readonly id: string;
  readonly stage: number | null;
  readonly since: number;
  readonly step: string;
  readonly merging: boolean;
  readonly workers: ReadonlyMap<string, Worker>;
  readonly use: Use;
  readonly end: {
    readonly at: number;
    readonly outcome: Outcome;
    readonly reason: string | null;
    readonly verdict: string | null;
  } | null;
};

/** A line that matters for a while. */
export type Passing = {
  readonly at: number;
  readonly stage: number | null;
  readonly text: string;
  readonly tone: "plain" | "good" | "bad";
};

export type LiveState = {
  readonly title: string;
  readonly since: number;
  readonly stages: readonly KnownStage[];
  readonly runs: ReadonlyMap<string, LiveRun>;
  readonly passing: readonly Passing[];
};

/** `since`: milliseconds since the epoch, as all times here. */
export const openState = (title: string, since: number, stages: readonly KnownStage[]): LiveState => ({
  title,
  since,
  stages,
  runs: new Map(),
  passing: [],
});

/** More than any frame shows. */
const passingKept = 12;

export function fold(state: LiveState, event: JournalEvent): LiveState {
  const before = state.runs.get(event.run) ?? openRun(event);
  const run = foldRun(before, event);
  const line = passingOf(event, run.stage);
  const runs = run === state.runs.get(event.run) ? state.runs : new Map(state.runs).set(event.run, run);
  return { ...state, runs, passing: line === undefined ? state.passing : [...state.passing, line].slice(-passingKept) };
}

const none: Use = { tokens: 0, costUsd: null };

const openRun = (event: JournalEvent): LiveRun => ({
  id: event.run,
  stage: stageOf(event.run),
  since: Date.parse(event.time),
  step: "",
  merging: false,
  workers: new Map(),
  use: none,
  end: null,
});

/** `<task>@implementation.stage-2#001` -> 2. */
function stageOf(run: string): number | null {
  const found = /@implementation\.stage-(\d+)#\d+$/.exec(run)?.[1];
  return found === undefined ? null : Number(found);
}

function foldRun(run: LiveRun, event: JournalEvent): LiveRun {
  switch (event.type) {
    case "run.started":
      return { ...run, end: null };
    case "step.started":
      return { ...run, step: event.data.step };
    case "dispatch.intended":
      return {
        ...run,
        workers: changed(run, event.data, (worker) => asked(worker, event.data, Date.parse(event.time))),
      };
    case "dispatch.done":
      return answered(run, event.data);
    case "merge.intended":
      return { ...run, merging: true };
    case "merge.done":
      return { ...run, merging: false };
    case "run.ended": {
      const { outcome, reason, verdict } = event.data;
      return { ...run, merging: false, end: { at: Date.parse(event.time), outcome, reason, verdict } };
    }
    default:
      return run;
  }
}

type Named = Pick<DispatchIdentity, "worker" | "role">;

const keyOf = ({ worker, role }: Named): string => `${worker} ${role}`;

function changed(run: LiveRun, of: Named, change: (worker: Worker) => Worker): Map<string, Worker> {
  const { worker, role } = of;
  const known = run.workers.get(keyOf(of)) ?? { worker, role, open: null, last: null, tookMs: 0, use: none };
  return new Map(run.workers).set(keyOf(of), change(known));
}

const asked = (worker: Worker, { name, purpose, round }: DispatchIdentity, since: number): Worker => ({
  ...worker,
  open: { name, purpose, round, since },
});

/** An answer remembered from an earlier process was asked there: its name tells whose it is. */
function answered(run: LiveRun, done: EventData["dispatch.done"]): LiveRun {
  const own = [...run.workers.values()].find(({ open }) => open?.name === done.name);
  const use = usedOf(done.usage);
  if (own === undefined) return { ...run, use: sum(run.use, use) };
  const { status, reason } = done;
  const workers = changed(run, own, (worker) => ({
    ...worker,
    open: null,
    last: { status, reason },
    tookMs: worker.tookMs + done.durationMs,
    use: sum(worker.use, use),
  }));
  return { ...run, workers, use: sum(run.use, use) };
}

const usedOf = (usage: EventData["dispatch.done"]["usage"]): Use =>
  usage === null
    ? none
    : {
        tokens: usage.input + usage.cachedInput + usage.cacheWrite + usage.output + usage.reasoning,
        costUsd: usage.costUsd,
      };

export const sum = (a: Use, b: Use): Use => ({
  tokens: a.tokens + b.tokens,
  costUsd: a.costUsd === null && b.costUsd === null ? null : (a.costUsd ?? 0) + (b.costUsd ?? 0),
});

export type StageNow = {
  readonly stageNumber: number;
  readonly title: string;
  /** `ended`: its run came to an end here without building it. */
  readonly state: StageState | "ended";
  readonly waitsFor: readonly number[];
  readonly dependsOn: readonly number[];
  readonly interrupted: boolean;
  readonly run: LiveRun | undefined;
};

/** Each stage as it stands now, by the rule that the engine chooses by. */
export function stagesNow(state: LiveState): StageNow[] {
  const latest = new Map<number, LiveRun>();
  for (const run of state.runs.values()) if (run.stage !== null) latest.set(run.stage, run);
  const records = new Map<number, StageRecord>();
  const taken = new Map<number, true>();
  for (const { stageNumber, state: was } of state.stages) {
    const now = stateOf(latest.get(stageNumber)) ?? was;
    if (now === "active") taken.set(stageNumber, true);
    if (now === "done" || now === "verified" || now === "merge-conflict") records.set(stageNumber, now);
  }
  const known = new Map(state.stages.map((stage) => [stage.stageNumber, stage]));
  return readiness(state, records, taken).map((row) => {
    const run = latest.get(row.stageNumber);
    const ended = stateOf(run) === "ended" ? "ended" : row.state;
    const { dependsOn = [], interrupted = false } = known.get(row.stageNumber) ?? {};
    return { ...row, state: ended, dependsOn, interrupted, run };
  });
}

function stateOf(run: LiveRun | undefined): StageNow["state"] | undefined {
  if (run === undefined) return undefined;
  if (run.end === null) return "active";
  if (run.end.outcome !== "completed") return "ended";
  return run.end.verdict === "merge-conflict" || run.end.verdict === "merge-blocked" ? "merge-conflict" : "done";
}
