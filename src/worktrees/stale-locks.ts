/**
 * Lock files that a git which was killed left in a worktree: no other git would get past them. Only those that belong to this
 * tree alone; what the whole repository shares may be another's at work.
 */
import { join } from "node:path";
import type { Host, Repository } from "../host/index.ts";
import { gitFolderOf } from "./remains.ts";

/** The caller has ended every process that worked in the tree. */
export async function removeStaleLocks(
  host: Host,
  at: { readonly repository: Repository; readonly tree: string },
): Promise<void> {
  const own = await gitFolderOf(host, at.repository, at.tree);
  if (own === undefined) return;
  const branch = (await host.git.head(at.tree))?.branch ?? null;
  const refs = branch === null ? [] : [join(at.repository.commonDir, "refs", "heads", `${branch}.lock`)];
  for (const path of [join(own, "index.lock"), join(own, "HEAD.lock"), ...refs]) await host.files.removeFile(path);
}
