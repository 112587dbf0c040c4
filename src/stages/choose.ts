/**
 * Choosing a stage, or saying exactly why none can be had. The messages name each stage with what it waits for, and a stage
 * whose run died with the commands that go on with it or free it.
 */
import { type Fault, fault, shellWord } from "../model/index.ts";
import type { Readiness, Taken } from "./readiness.ts";

export type Wish = {
  readonly wanted: number | "auto";
  /** The task's key as printed, for the commands in remedies. */
  readonly task: string;
  readonly taken: ReadonlyMap<number, Taken>;
};

/**
 * The number of the stage to build: the lowest ready one, or the one wanted.
 * Faults: `unknown-stage`, `stage-done`, `stage-taken`, `stage-waiting`, `no-ready-stage`.
 */
export function chooseStage(stages: readonly Readiness[], wish: Wish): number {
  if (wish.wanted !== "auto") return requireStage(stages, wish, wish.wanted);
  const ready = stages.find((stage) => stage.state === "ready");
  if (ready === undefined) throw nothingReady(stages, wish);
  return ready.stageNumber;
}

function requireStage(stages: readonly Readiness[], wish: Wish, wanted: number): number {
  const stage = stages.find((one) => one.stageNumber === wanted);
  if (stage === undefined) throw unknownStage(stages, wish, wanted);
  switch (stage.state) {
    case "ready":
      return wanted;
    case "done":
    case "verified":
    case "merge-conflict":
      throw isDone(stage, wish);
    case "active":
      throw isTaken(stage, wish);
    case "blocked":
      throw isWaiting(stages, stage, wish);
  }
}

function unknownStage(stages: readonly Readiness[], wish: Wish, wanted: number): Fault {
  const last = stages.at(-1)?.stageNumber ?? 0;
  return fault(
    "unknown-stage",
    `There is no stage ${wanted}; the plan has stages 1 to ${last}`,
    `See them with: okstra status ${shellWord(wish.task)}`,
    {
      stage: wanted,
      stages: last,
    },
  );
}

const isDone = (stage: Readiness, { task }: Wish): Fault =>
  fault(
    "stage-done",
    `Stage ${stage.stageNumber} (${stage.title}) is ${stage.state === "merge-conflict" ? "done already, but not merged" : "done already"}`,
    stage.state === "merge-conflict"
      ? settle(task)
      : `Take the next one: okstra implement ${shellWord(task)} --stage auto`,
    { stage: stage.stageNumber, state: stage.state },
  );

function isTaken(stage: Readiness, wish: Wish): Fault {
  const holder = wish.taken.get(stage.stageNumber);
  const remedy =
    holder?.alive === true
      ? `Wait for it (okstra wait ${shellWord(holder.run)}), or stop it: okstra cancel ${shellWord(holder.run)}`
      : free(wish, stage.stageNumber);
  return fault("stage-taken", `Stage ${stage.stageNumber} (${stage.title}) is ${takenBy(holder)}`, remedy, {
    stage: stage.stageNumber,
    run: holder?.run ?? null,
    since: holder?.since ?? null,
    alive: holder?.alive ?? false,
  });
}

/** `taken by run X since T`, and that nobody is at work any more where so. */
function takenBy(holder: Taken | undefined): string {
  if (holder === undefined) return "marked started, but no run holds it";
  const taken = `taken by run ${holder.run} since ${holder.since}`;
  return holder.alive ? taken : `${taken}, which is no longer running`;
}

function isWaiting(stages: readonly Readiness[], stage: Readiness, wish: Wish): Fault {
  const dead = stage.waitsFor.find((other) => isAbandoned(stages, wish, other));
  const built = new Set(stages.filter(({ state }) => isBuilt.has(state)).map(({ stageNumber }) => stageNumber));
  const next = stage.waitsFor.every((other) => built.has(other))
    ? settle(wish.task)
    : `Take the next ready one: okstra implement ${shellWord(wish.task)} --stage auto`;
  const remedy = dead === undefined ? next : free(wish, dead);
  return fault(
    "stage-waiting",
    `Stage ${stage.stageNumber} (${stage.title}) is ${waits(stages, stage, wish)}`,
    remedy,
    {
      stage: stage.stageNumber,
      waitsFor: stage.waitsFor,
    },
  );
}

const isBuilt: ReadonlySet<string> = new Set(["done", "verified", "merge-conflict"]);

/** `waiting for stages 1 (ready), 2 (taken by run X since T)` */
function waits(stages: readonly Readiness[], stage: Readiness, wish: Wish): string {
  const known = new Map(stages.map((one) => [one.stageNumber, one]));
  const named = stage.waitsFor.map((other) => {
    const state = known.get(other)?.state ?? "blocked";
    return `${other} (${state === "active" ? takenBy(wish.taken.get(other)) : says[state]})`;
  });
  return `waiting for ${named.length === 1 ? "stage" : "stages"} ${named.join(", ")}`;
}

const says = {
  blocked: "waiting itself",
  ready: "ready, not started",
  done: "done, but not merged",
  verified: "done",
  "merge-conflict": "done, but not merged",
} as const;

function nothingReady(stages: readonly Readiness[], wish: Wish): Fault {
  const open = stages.filter((stage) => stage.state !== "done" && stage.state !== "verified");
  if (open.length === 0) {
    return fault(
      "no-ready-stage",
      "All stages are done",
      `Verify the whole: okstra run --task-key ${shellWord(wish.task)} --task-type final-verification`,
      {
        waiting: [],
      },
    );
  }
  const lines = open.map((stage) => `  stage ${stage.stageNumber} (${stage.title}): ${whyNot(stages, stage, wish)}`);
  return fault("no-ready-stage", `No stage can start now:\n${lines.join("\n")}`, remedyOf(stages, open, wish), {
    waiting: open.map((stage) => ({ stage: stage.stageNumber, state: stage.state, waitsFor: stage.waitsFor })),
  });
}

function whyNot(stages: readonly Readiness[], stage: Readiness, wish: Wish): string {
  if (stage.state === "merge-conflict") return "done, but not merged";
  if (stage.state !== "active") return waits(stages, stage, wish);
  return takenBy(wish.taken.get(stage.stageNumber));
}

function remedyOf(stages: readonly Readiness[], open: readonly Readiness[], wish: Wish): string {
  const dead = open.find((stage) => isAbandoned(open, wish, stage.stageNumber));
  if (dead !== undefined) return free(wish, dead.stageNumber);
  // One that waits for done stages alone waits for their merge.
  const built = new Set(stages.filter(({ state }) => state === "done").map(({ stageNumber }) => stageNumber));
  const unmerged = open.some(({ waitsFor }) => waitsFor.length > 0 && waitsFor.every((other) => built.has(other)));
  if (unmerged || open.some((stage) => stage.state === "merge-conflict")) return settle(wish.task);
  return `Wait until a stage is done; see okstra status ${shellWord(wish.task)}`;
}

const isAbandoned = (stages: readonly Readiness[], wish: Wish, stage: number): boolean =>
  stages.find((one) => one.stageNumber === stage)?.state === "active" && wish.taken.get(stage)?.alive !== true;

/** A run that nobody executes holds its stage until it goes on or is given up. */
function free({ taken, task }: Wish, stage: number): string {
  const run = taken.get(stage)?.run;
  if (run === undefined)
    return `See which run began stage ${stage} (okstra status ${shellWord(task)}), then give it up: okstra cancel RUN`;
  return `Go on with stage ${stage} (okstra resume ${shellWord(run)}), or give it up: okstra cancel ${shellWord(run)}`;
}

const settle = (task: string): string => `Merge it: okstra integrate ${shellWord(task)}`;

/** A run id holds a `#`, which some shells read as a comment where it starts a word; quoted it is ready to copy anywhere. */
