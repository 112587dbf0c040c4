/** Questions and answers of a task: one line for each change of an item, the newest line of an id holds. Ids are never reused. */
import { checkClarification } from "../generated/task.check.js";
import type { Host } from "../host/index.ts";
import { taskPaths } from "../lifecycle/index.ts";
import type { Clarification } from "../lifecycle/task.schema.ts";
import { appendRow, type RowFile, readRows } from "./jsonl.ts";
import type { TaskPlace } from "./place.ts";

/** Every item as it is now, in the order they were raised. Throws `malformed` with the line. */
export async function readClarifications(host: Host, place: TaskPlace): Promise<Clarification[]> {
  const items = new Map<string, Clarification>();
  for (const row of await readRows(host, fileOf(place))) items.set(row.id, row);
  return [...items.values()];
}

/** Records an item, new or changed. Durable. The caller holds the task lock. */
export const writeClarification = (host: Host, place: TaskPlace, item: Clarification): Promise<void> =>
  appendRow(host, fileOf(place), item);

/** The id after the highest one there ever was: `C-001` for the first. */
export function nextClarificationId(items: readonly Pick<Clarification, "id">[]): string {
  const highest = items.reduce((most, { id }) => Math.max(most, Number(id.slice("C-".length))), 0);
  return `C-${String(highest + 1).padStart(3, "0")}`;
}

const fileOf = (place: TaskPlace): RowFile<Clarification> => ({
  path: taskPaths(place.projectRoot, place.key).clarifications,
  what: "clarification item",
  check: checkClarification,
  durable: true,
});
