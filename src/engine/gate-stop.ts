/** Whether a task waits for a person now, at which gate and for what. Pure. */

import type { RunSummary } from "../lifecycle/task.schema.ts";
import { shellWord } from "../model/index.ts";
import type { TaskStatus } from "./queries.ts";

export type GateStop = { readonly gate: string; readonly needs: readonly string[] };

/** `last`: the run that just ended; null when none did. Null when the next phase can start, or nothing is left to do. */
export function gateStop({ task, interrupted, left, runs }: TaskStatus, last: RunSummary | null): GateStop | null {
  const of = (gate: string): GateStop | null => {
    const needs = task.gates.find((one) => one.name === gate)?.needs ?? [];
    return needs.length === 0 ? null : { gate, needs };
  };
  if (interrupted.length > 0) return null;
  const questions = of("clarifications");
  if (questions !== null) return questions;
  if (last !== null && isStuck(last)) return stuckAt(last);
  const pick = pickStop({ task, left, runs });
  if (pick !== null) return pick;
  if (task.next?.taskType === "release-handoff")
    return {
      gate: "hand-off",
      needs: [`Choose what to do: okstra handoff ${shellWord(task.key)} --action commit-only`],
    };
  if (task.next !== null) return null;
  if (task.stages.length === 0) return of("plan approval");
  return of(waitsForMerge(task.stages) ? "whole-task verification" : "acceptance");
}

/** Nothing is left to build before a person has done stages merged. */
export const waitsForMerge = (stages: TaskStatus["task"]["stages"]): boolean =>
  stages.some(({ merged }) => merged === false) && !stages.some(({ state }) => state === "ready" || state === "active");

/**
 * A person decides what becomes of parts and candidates before anything is planned for the whole, and what a task that another left
 * behind starts from. Null where there is nothing of the kind, or it was decided.
 */
export function pickStop({ task, left, runs }: Pick<TaskStatus, "task" | "left" | "runs">): GateStop | null {
  const { key, next, origin } = task;
  if (next === null) return null;
  const itself = `okstra run --task-key ${shellWord(key)} --task-type ${next.taskType}`;
  if (left.length > 0) {
    const ids = left.map(({ id }) => id).join(",");
    if (left[0]?.kind === "candidate") {
      return {
        gate: "pick",
        needs: [
          `Pick among ${left.length} candidates (okstra report ${shellWord(key)}): okstra followups spawn ${shellWord(key)} --only ${ids}`,
          `Or plan one of them in this task: ${itself} --directive "..."`,
        ],
      };
    }
    return {
      gate: "fan-out",
      needs: [
        `The request falls into ${left.length} tasks (${ids}); make them: okstra followups spawn ${shellWord(key)}`,
        `Or go on with it as one: ${itself}`,
      ],
    };
  }
  if (runs.length === 0 && origin !== null && origin.baseRef !== null)
    return { gate: "base", needs: [`Say what it starts from: ${itself} --base-ref ${origin.baseRef}`] };
  return null;
}

/** A person has to look at this very run before anything else. */
const isStuck = ({ outcome, verdict }: RunSummary): boolean =>
  outcome === "blocked" || verdict === "merge-conflict" || verdict === "merge-blocked";

function stuckAt({ id, verdict, outcome, reason, taskKey, stage, failure }: RunSummary): GateStop {
  if (outcome !== "blocked") {
    const gate = verdict ?? "merge-conflict";
    return {
      gate,
      needs: [`Settle the merge of ${id}: okstra integrate ${shellWord(taskKey)} --stage ${stage}`],
    };
  }
  const needs = failure === undefined ? [] : [failure.message, failure.remedy].filter((text) => text !== "");
  return {
    gate: reason ?? "blocked",
    needs: needs.length > 0 ? needs : [`See what ${id} needs: okstra show ${shellWord(id)}`],
  };
}
