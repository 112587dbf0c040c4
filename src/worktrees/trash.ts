/**
 * Deleting a tree takes seconds, renaming it microseconds: a tree is set aside by a rename and deleted afterwards, by the process
 * whose pid and start time it then bears: this one, or one that goes on when this one has ended. What a killed process left in the trash is deleted by emptyTrash; everything in there
 * was let go of for good.
 */
import { basename, dirname, join } from "node:path";
import type { Host, Spawned } from "../host/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import { isBelow } from "./places.ts";

/** Renames the folder into the trash and says where it is now. */
export async function setAside(host: Host, home: string, path: string): Promise<string> {
  const { trash } = homePaths(home);
  await host.files.makeFolder(trash, { mode: 0o700 });
  const aside = join(trash, asideName(host.machine, host.random.id(8)));
  await host.files.rename(path, aside);
  return aside;
}

const asideName = ({ pid, startTime }: Spawned, id: string): string => `${pid}.${startTime}.${id}`;

/** Deletes what was set aside in a process that outlives this one. */
export async function deleteLater(host: Host, aside: string): Promise<void> {
  const id = basename(aside).split(".").at(-1) ?? "";
  const child = await host.processes.launchDetached({
    command: ["sh", "-c", deleteHere, "sh", id],
    cwd: aside,
    env: { PATH: host.machine.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C" },
    logPath: "/dev/null",
  });
  try {
    await host.files.rename(aside, join(dirname(aside), asideName(child, id)));
  } catch (thrown) {
    // It may have been quicker.
    if ((await host.files.look(aside)) !== undefined) throw thrown;
  }
}

/** Works where it stands, so that the folder can be renamed meanwhile. A folder that may not be written (a module cache) is made writable. */
const deleteHere = [
  "find . -type d ! -perm -700 -exec chmod u+rwx {} \\; 2>&1",
  "find . -mindepth 1 -delete",
  // Twice, since the folder may get its new name between the look and the removal.
  'cd .. && unset PWD OLDPWD && { rmdir -- *."$1" || rmdir -- *."$1"; }',
].join("\n");

/** Deletes one folder that was set aside; links in it go as links. */
export const deleteAside = (host: Host, aside: string): Promise<void> => host.files.removeTree(aside);

/** Deletes all in the trash that no living process is deleting; says how many trees that were. */
export async function emptyTrash(host: Host, home: string): Promise<number> {
  const left = await leftInTrash(host, home);
  for (const path of left) await host.files.removeTree(path);
  return left.length;
}

/** What lies in the trash and no living process is deleting. */
export async function leftInTrash(host: Host, home: string): Promise<string[]> {
  const { trash } = homePaths(home);
  const left = (await host.files.list(trash)).filter(({ name }) => !isBeingDeleted(host, name));
  return left.map(({ name }) => join(trash, name));
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
