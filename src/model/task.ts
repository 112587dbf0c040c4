/** Tasks, task types, runs: what they are called. File-system forms are made in lifecycle/segment.ts. */
import { fault } from "./failure.ts";

/** A task key as its three ids, as the user wrote them. Printed `p/g/t`. */
export type TaskKey = { readonly project: string; readonly group: string; readonly task: string };

export const taskTypes = [
  "requirements-discovery",
  "improvement-discovery",
  "error-analysis",
  "implementation-planning",
  "implementation",
  "final-verification",
  "release-handoff",
] as const;
export type TaskType = (typeof taskTypes)[number];
export const isTaskType = (text: string): text is TaskType => (taskTypes as readonly string[]).includes(text);

export const categories = ["bugfix", "feature", "refactor", "ops", "improvement"] as const;
export type Category = (typeof categories)[number];

/** One execution of one task type for one task; `stage` is null outside implementation. */
export type RunRef = {
  readonly key: TaskKey;
  readonly taskType: TaskType;
  readonly stage: number | null;
  readonly seq: number;
};

export const outcomes = [
  "completed",
  "prepared",
  "blocked",
  "failed",
  "no-work",
  "budget-exceeded",
  "quota-paused",
  "contract-violation",
  "cancelled",
] as const;
export type Outcome = (typeof outcomes)[number];

/** A quota or a budget stopped the run, and nothing went wrong. */
export const isPause = (outcome: Outcome | null): boolean =>
  outcome === "quota-paused" || outcome === "budget-exceeded";

/** Outcomes of runs that `resume` goes on with. */
export const mayResume = (outcome: Outcome): boolean => outcome === "cancelled" || isPause(outcome);

export const printKey = (key: TaskKey): string => `${key.project}/${key.group}/${key.task}`;

/** Reads `p/g/t` or `p:g:t`. Throws `bad-task-key`. */
export function readTaskKey(text: string): TaskKey {
  const parts = text.includes("/") ? text.split("/") : text.split(":");
  const [project, group, task] = parts.map((part) => part.trim());
  if (parts.length !== 3 || !project || !group || !task) {
    throw fault(
      "bad-task-key",
      `"${text}" is not a task key`,
      "Write it as <project>/<group>/<task>; okstra list shows the keys",
      {
        text,
      },
    );
  }
  return { project, group, task };
}

export const sequence = (seq: number): string => String(seq).padStart(3, "0");

/** `<p>/<g>/<t>@<task-type>[.stage-N]#<seq>` */
export const printRun = (run: RunRef): string =>
  `${printKey(run.key)}@${run.taskType}${run.stage === null ? "" : `.stage-${run.stage}`}#${sequence(run.seq)}`;

/** Reads a run id. Throws `bad-run-id`. */
export function readRun(text: string): RunRef {
  const found = /^(?<key>[^@]+)@(?<type>[a-z-]+)(?:\.stage-(?<stage>[1-9]\d*))?#(?<seq>\d{1,6})$/.exec(text)?.groups;
  const taskType = found?.["type"] ?? "";
  if (found === undefined || !isTaskType(taskType)) {
    throw fault(
      "bad-run-id",
      `"${text}" is not a run id`,
      "Write it as <project>/<group>/<task>@<task-type>[.stage-N]#<seq>; okstra status TASK shows the runs",
      { text },
    );
  }
  const stage = found["stage"];
  return {
    key: readTaskKey(found["key"] ?? ""),
    taskType,
    stage: stage === undefined ? null : Number(stage),
    seq: Number(found["seq"]),
  };
}
