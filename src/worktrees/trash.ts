/**
 * Deleting a tree takes seconds, renaming it microseconds: a tree is set aside by a rename and deleted afterwards, by the process
 * whose pid and start time it then bears. What a killed process left in the trash is deleted by emptyTrash; everything in there
 * was let go of for good.
 */
import { dirname, join } from "node:path";
import type { Host } from "../host/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import { isBelow } from "./places.ts";

/** Renames the folder into the trash and says where it is now. */
export async function setAside(host: Host, home: string, path: string): Promise<string> {
  const { trash } = homePaths(home);
  await host.files.makeFolder(trash, { mode: 0o700 });
  const { pid, startTime } = host.machine;
  const aside = join(trash, `${pid}.${startTime}.${host.random.id(8)}`);
  await host.files.rename(path, aside);
  return aside;
}

/** Deletes one folder that was set aside; links in it go as links. */
export const deleteAside = (host: Host, aside: string): Promise<void> => host.files.removeTree(aside);

/** Deletes all in the trash that no living process is deleting; says how many trees that were. */
export async function emptyTrash(host: Host, home: string): Promise<number> {
  const { trash } = homePaths(home);
  const left = (await host.files.list(trash)).filter(({ name }) => !isBeingDeleted(host, name));
  for (const { name } of left) await host.files.removeTree(join(trash, name));
  return left.length;
}

function isBeingDeleted(host: Host, name: string): boolean {
  const [pid = "", startTime = ""] = name.split(".");
  return /^\d+$/.test(pid) && host.processes.alive({ pid: Number(pid), startTime });
}

/**
 * Removes the folders above a path that have become empty, up to the home's folder of worktrees. Under the repository lock,
 * since another add of the project may be about to make something there.
 */
export async function removeEmptyParents(host: Host, home: string, path: string): Promise<void> {
  const { worktrees } = homePaths(home);
  for (let folder = dirname(path); isBelow(worktrees, folder); folder = dirname(folder)) {
    if (!(await host.files.removeEmptyFolder(folder))) return;
  }
}
