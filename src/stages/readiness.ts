/**
 * Where each stage stands, from the ledger (what happened to it) and the registry (who holds it). Pure; the callers read both
 * under the task lock, so that what is ready here is still ready when it is reserved.
 *
 *   blocked --(its dependencies are done and merged)--> ready --(a run takes it)--> active --> done --> verified (handed off or not)
 *                                                         ^--------(released)---------'   '--> merge-conflict --> done
 */
import type { Stage } from "./stage-map.schema.ts";

/**
 * The newest ledger status of a stage under this plan and cycle. `unmerged`: done, and left to be merged by a person; `merge-conflict`:
 * done, and its merge did not go through.
 */
export type StageRecord = "started" | "done" | "verified" | "released" | "handed-off" | "unmerged" | "merge-conflict";

export type StageState = "blocked" | "ready" | "active" | "done" | "verified" | "merge-conflict";

/** A registry entry that occupies a stage. `alive` says whether the process that holds it still runs. */
export type Taken = { readonly run: string; readonly since: string; readonly alive: boolean };

export type Readiness = {
  readonly stageNumber: number;
  readonly title: string;
  readonly state: StageState;
  /** Dependencies that are not done and merged, ascending. */
  readonly waitsFor: readonly number[];
};

type Planned = Pick<Stage, "stageNumber" | "title"> & { readonly dependsOn: readonly number[] };

/** One row for each stage, in the order of their numbers. A stage is ready when all it depends on is done, and it is neither started nor taken. */
export function readiness(
  map: { readonly stages: readonly Planned[] },
  states: ReadonlyMap<number, StageRecord>,
  taken: ReadonlyMap<number, unknown>,
): Readiness[] {
  // A stage on one other starts from that one's head; a stage on several, from the task branch that holds them all.
  const isBuilt = (stage: number, alone: boolean): boolean => {
    const state = states.get(stage) ?? "released";
    return satisfies.has(state) || (alone && state === "unmerged");
  };
  return map.stages
    .map((stage) => {
      const needed = [...new Set(stage.dependsOn)];
      const waitsFor = needed.filter((other) => !isBuilt(other, needed.length === 1)).sort((a, b) => a - b);
      const own = ownState(states.get(stage.stageNumber), taken.has(stage.stageNumber));
      const state = own ?? (waitsFor.length === 0 ? "ready" : "blocked");
      return { stageNumber: stage.stageNumber, title: stage.title, state, waitsFor };
    })
    .sort((a, b) => a.stageNumber - b.stageNumber);
}

/** Ledger states of a stage on which others may build. */
const satisfies: ReadonlySet<StageRecord> = new Set<StageRecord>(["done", "verified", "handed-off"]);

/** The state that a stage has by itself; undefined when only its dependencies decide. */
function ownState(record: StageRecord | undefined, isTaken: boolean): StageState | undefined {
  switch (record) {
    case "merge-conflict":
    case "verified":
    case "done":
      return record;
    case "handed-off":
      return "verified";
    case "unmerged":
      return "done";
    case "started":
      return "active";
    case "released":
    case undefined:
      return isTaken ? "active" : undefined;
  }
}

/** What the worktree of a stage starts from (worktrees.md, Base of a stage worktree). */
export type BaseKind =
  | { readonly kind: "anchor" }
  | { readonly kind: "single"; readonly stage: number }
  | { readonly kind: "several"; readonly stages: readonly number[] };

export function baseKind(stage: Pick<Stage, "dependsOn">): BaseKind {
  const stages = [...new Set(stage.dependsOn)].sort((a, b) => a - b);
  const [first, second] = stages;
  if (first === undefined) return { kind: "anchor" };
  return second === undefined ? { kind: "single", stage: first } : { kind: "several", stages };
}
