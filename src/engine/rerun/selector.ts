/**
 * Which runs a rerun means: parts joined by commas. Parts of one kind are alternatives; a run must fit every kind that is there.
 * `id` (a run id), `task:KEY`, `type:TYPE`, `failed`, `since:DATE`. Pure.
 */
import { sameTask } from "../../lifecycle/index.ts";
import type { RunSummary } from "../../lifecycle/task.schema.ts";
import {
  didYouMean,
  fault,
  isTaskType,
  type Outcome,
  printRun,
  type RunRef,
  readRun,
  readTaskKey,
  type TaskKey,
  type TaskType,
  taskTypes,
} from "../../model/index.ts";

export type Selector = {
  readonly raw: string;
  readonly ids: readonly RunRef[];
  readonly tasks: readonly TaskKey[];
  readonly types: readonly TaskType[];
  readonly failed: boolean;
  /** ISO time, UTC; runs that started then or later. */
  readonly since: string | null;
};

/** Throws `usage`, `bad-run-id`, `bad-task-key`, `unknown-task-type`. */
export function readSelector(raw: string): Selector {
  const parts = raw
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length === 0) throw unknownPart("", raw);
  const of = (kind: string): string[] =>
    parts.filter((part) => part.startsWith(`${kind}:`)).map((part) => part.slice(kind.length + 1));
  const ids = parts.filter((part) => part.includes("@"));
  const known = /^(?:(?:task|type|since):.+|failed)$/;
  const unknown = parts.find((part) => !ids.includes(part) && !known.test(part));
  if (unknown !== undefined) throw unknownPart(unknown, raw);
  return {
    raw,
    ids: ids.map(readRun),
    tasks: of("task").map(readTaskKey),
    types: of("type").map(readType),
    failed: parts.includes("failed"),
    since: of("since").map(readDate).sort().at(-1) ?? null,
  };
}

function readType(text: string): TaskType {
  if (isTaskType(text)) return text;
  const message = `No task type is called "${text}"${didYouMean(text, taskTypes)}`;
  throw fault("unknown-task-type", message, `One of: ${taskTypes.join(", ")}`, { type: text });
}

/** `2026-11-21` (its first moment, UTC), or a time with its zone. */
function readDate(text: string): string {
  const whole = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = whole ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  const remedy = "Write since:2026-11-21, or a time with its zone: since:2026-11-21T04:00:00Z";
  throw fault("usage", `"${text}" is not a date`, remedy, { date: text });
}

const unknownPart = (part: string, raw: string) =>
  fault(
    "usage",
    part === "" ? "The selector is empty" : `"${part}" selects nothing`,
    "Write run ids, task:KEY, type:TYPE, failed, since:DATE, joined by commas",
    { selector: raw, part },
  );

/** Runs that ended without doing what they were there for. */
const failures: ReadonlySet<Outcome> = new Set([
  "failed",
  "no-work",
  "budget-exceeded",
  "quota-paused",
  "contract-violation",
]);

/** Whether a run fits the selector. */
export function selects({ ids, tasks, types, failed, since }: Selector, run: RunSummary): boolean {
  const ref = readRun(run.id);
  return (
    (ids.length === 0 || ids.some((id) => sameRun(id, ref))) &&
    (tasks.length === 0 || tasks.some((key) => sameTask(key, ref.key))) &&
    (types.length === 0 || types.includes(ref.taskType)) &&
    (!failed || (run.outcome !== null && failures.has(run.outcome))) &&
    (since === null || run.startedAt >= since)
  );
}

const sameRun = (a: RunRef, b: RunRef): boolean =>
  sameTask(a.key, b.key) && printRun({ ...a, key: b.key }) === printRun(b);

/** The tasks that the selector names; empty when it means those of the project around. */
export const tasksOf = ({ ids, tasks }: Selector): readonly TaskKey[] => [...tasks, ...ids.map(({ key }) => key)];
