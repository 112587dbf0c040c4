/** Whether a task's file of clarification items says of each what okstra wrote. Looks only. */
import type { Host } from "../host/index.ts";
import { taskPaths } from "../lifecycle/index.ts";
import type { Clarification } from "../lifecycle/task.schema.ts";
import { editedClarifications, type TaskPlace } from "../registry/index.ts";
import type { Check } from "./checks.schema.ts";
import { failed, failedAs } from "./rows.ts";

/** A row when items are missing or were changed, or the file cannot be read; else none. */
export async function questionRows(
  host: Host,
  place: TaskPlace,
  counts: (item: Clarification) => boolean,
): Promise<Check[]> {
  const about = { id: "clarifications", where: taskPaths(place.projectRoot, place.key).clarifications };
  const read = await editedClarifications(host, place);
  if (!read.ok) return [failedAs(about, read.error)];
  return (["missing", "changed"] as const).flatMap((how) => {
    const edited = read.value.filter((one) => one.how === how && counts(one.item)).map(({ item }) => item);
    if (edited.length === 0) return [];
    const names = edited.map(({ id, status }) => `${id} (${status})`).join(", ");
    const what = how === "missing" ? "raised, and missing in the file" : "changed in the file, not by okstra";
    return [
      failed(
        about,
        `${names}: ${what}; counted as okstra's home knows them`,
        "Restore the file from a copy; or leave it: the next answer or question writes them again",
      ),
    ];
  });
}
