/** Whether a task's file of clarification items still has every one that was raised. Looks only. */
import type { Host } from "../host/index.ts";
import { taskPaths } from "../lifecycle/index.ts";
import type { Clarification } from "../lifecycle/task.schema.ts";
import { lostClarifications, type TaskPlace } from "../registry/index.ts";
import type { Check } from "./checks.schema.ts";
import { failed, failedAs } from "./rows.ts";

/** A row when items are missing, or the file cannot be read; else none. */
export async function questionRows(
  host: Host,
  place: TaskPlace,
  counts: (item: Clarification) => boolean,
): Promise<Check[]> {
  const about = { id: "clarifications", where: taskPaths(place.projectRoot, place.key).clarifications };
  const read = await lostClarifications(host, place);
  if (!read.ok) return [failedAs(about, read.error)];
  const lost = read.value.filter(counts).map(({ id, status }) => `${id} (${status})`);
  if (lost.length === 0) return [];
  return [
    failed(
      about,
      `${lost.join(", ")}: raised, and missing in the file; counted as okstra's home knows them`,
      "Restore the file from a copy; or leave it: the next answer or question writes them again",
    ),
  ];
}
