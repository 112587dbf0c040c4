/**
 * Names of temporary files and folders: `.<name>.<pid>.<start time>.<own part>.okstra-tmp`. The writer is in the name, so that
 * one which a killed process left is known from one that is being written.
 */
import type { Spawned } from "./processes.ts";

const ending = ".okstra-tmp";

/** `own` tells apart what one process writes. */
export const temporaryFileName = (name: string, writer: Spawned, own: string): string =>
  `.${name.slice(0, 150)}.${writer.pid}.${writer.startTime}.${own}${ending}`;

/** Who writes the file of this name; undefined when it is no temporary file of okstra. */
export function writerOf(fileName: string): Spawned | undefined {
  if (!fileName.startsWith(".") || !fileName.endsWith(ending)) return undefined;
  const [pid = "", startTime = ""] = fileName.slice(0, -ending.length).split(".").slice(-3);
  return /^\d+$/.test(pid) ? { pid: Number(pid), startTime } : undefined;
}
