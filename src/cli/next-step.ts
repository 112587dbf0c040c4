/** What a person does next for a task, ready to copy. Pure. */

import { pickStop, type TaskStatus } from "../engine/index.ts";
import { shellWord } from "../model/index.ts";

/** One sentence or command; undefined when nothing is left to do. */
export function nextStep(status: TaskStatus): string | undefined {
  const { task, runs, interrupted } = status;
  const [dead] = interrupted;
  if (dead !== undefined) return `okstra resume ${shellWord(dead)}`;
  const prepared = runs.findLast((run) => run.outcome === "prepared");
  if (prepared !== undefined) return `okstra resume ${shellWord(prepared.id)}`;
  const paused = runs.at(-1);
  if (paused?.outcome === "quota-paused") return `okstra resume ${shellWord(paused.id)}`;
  if (paused?.outcome === "budget-exceeded" && paused.failure !== undefined) return paused.failure.remedy;
  const questions = needsOf(status, "clarifications");
  if (questions !== undefined) return questions;
  const last = runs.findLast((run) => run.outcome !== null);
  if (last?.taskType === "implementation-planning" && last.outcome === "completed") {
    const approval = needsOf(status, "plan approval");
    if (approval !== undefined) return approval;
  }
  const pick = pickStop(status)?.needs[0];
  if (pick !== undefined) return pick;
  const { next } = task;
  const became = status.left.flatMap(({ key }) => (key === null ? [] : [key]));
  if (next === null && became.length > 0)
    return `Go on with what it became: ${became.map((key) => `okstra go ${shellWord(key)}`).join("; ")}`;
  if (next === null && task.stages.some(({ merged }) => merged === false))
    return needsOf(status, "whole-task verification");
  if (next === null && task.fixCycle?.state === "open" && task.fixCycle.handedOver)
    return `okstra fixcycle close ${shellWord(task.key)}`;
  if (next === null) return last?.taskType === "final-verification" ? needsOf(status, "acceptance") : undefined;
  if (next.taskType === "implementation") return `okstra implement ${shellWord(task.key)} --stage all`;
  if (next.taskType === "release-handoff") return `okstra handoff ${shellWord(task.key)} --action commit-only`;
  return `okstra run --task-key ${shellWord(task.key)} --task-type ${next.taskType}`;
}

const needsOf = ({ task }: TaskStatus, name: string): string | undefined =>
  task.gates.find((gate) => gate.name === name && !gate.open)?.needs[0];
