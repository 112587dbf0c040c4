/** Whether a task's file of fix cycles says what okstra wrote there. Looks only. */
import type { Host } from "../host/index.ts";
import { taskPaths } from "../lifecycle/index.ts";
import { editedFixCycles, type TaskPlace } from "../registry/index.ts";
import type { Check } from "./checks.schema.ts";
import { failed, failedAs } from "./rows.ts";

/** A row when the file was edited, or cannot be read; else none. */
export async function fixCycleRows(host: Host, place: TaskPlace): Promise<Check[]> {
  const about = { id: "fix-cycles", where: taskPaths(place.projectRoot, place.key).fixCycles };
  const edited = await editedFixCycles(host, place);
  if (!edited.ok) return [failedAs(about, edited.error)];
  if (edited.value === null) return [];
  const [message, remedy] = told[edited.value];
  return [failed(about, message, remedy)];
}

const told = {
  missing: [
    "rows are missing at its end; counted as okstra's home knows them",
    "Restore the file from a copy; or leave it: the next command that goes on with the task writes them again",
  ],
  changed: [
    "was changed, not by okstra; counted as okstra's home knows it",
    "Restore the file from a copy; or delete it: the next command that goes on with the task writes it again",
  ],
  unknown: [
    "okstra's home knows nothing of it",
    "If the home was lost, leave it: the next row of a cycle takes it over; else delete the file",
  ],
} as const;
