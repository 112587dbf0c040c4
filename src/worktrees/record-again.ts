/**
 * Records a worktree again whose files are there and whose record in git is gone (`git worktree prune` while its disk was away, or
 * `.git/worktrees` restored without it). No file is touched: they are renamed aside, git makes an empty worktree at the place, and the
 * files go back with its pointer. A killed process leaves them under a fixed name beside the place, from which the next call goes on.
 *
 *   orphan -> files aside -> worktree added, index as at its branch -> pointer to the files -> files back
 */
import { dirname, join } from "node:path";
import type { Host, Repository } from "../host/index.ts";
import { fault } from "../model/index.ts";
import { repositoryLock, withLock } from "../registry/index.ts";
import { registeredAt } from "./registered.ts";
import { classify, type FolderKind, lastLogged } from "./remains.ts";

type Place = { readonly repository: Repository; readonly path: string };

/** Where the files of a tree are while git records it again. */
const asideOf = (path: string): string => `${path}.files`;

/** What lies at the place of a worktree; `orphan` also when its files were set aside by a process that was killed. */
export async function folderKind(host: Host, place: Place): Promise<FolderKind> {
  const { kind } = await classify(host, place);
  return (await host.files.look(asideOf(place.path))) === undefined ? kind : "orphan";
}

/** The last commit that a worktree had whose branch is gone; undefined when nothing tells. */
export async function lastCommit(host: Host, place: Place): Promise<string | undefined> {
  const { gitFolder } = await classify(host, place);
  return gitFolder === undefined ? undefined : await lastLogged(host, place.repository.mainRoot, gitFolder);
}

/** Throws `branch-taken` when another worktree has the branch, `path-taken` when what lies there is no orphan. */
export async function recordAgain(host: Host, home: string, ask: Place & { readonly branch: string }): Promise<void> {
  const { repository, path, branch } = ask;
  const aside = asideOf(path);
  await withLock(host, repositoryLock(home, repository.commonDir), `record ${path} again`, async () => {
    const holder = (await host.git.trees(repository.mainRoot)).find((tree) => tree.branch === branch);
    const known = await registeredAt(host, repository.mainRoot, path);
    if (holder !== undefined && holder.path !== known?.path)
      throw fault("branch-taken", `The branch ${branch} is checked out in ${holder.path}`, "Switch that to another", {
        branch,
      });
    if ((await host.files.look(aside)) === undefined) {
      const { kind } = await classify(host, ask);
      if (kind !== "orphan")
        throw fault("path-taken", `${path} is not the worktree that it was`, "Look at it, and move it away", { path });
      await host.files.rename(path, aside);
    }
    if ((await classify(host, ask)).kind === "absent") await addEmpty(host, ask);
    const pointer = join(path, ".git");
    if ((await host.files.look(pointer)) !== undefined) await host.files.rename(pointer, join(aside, ".git"));
    if (!(await host.files.removeEmptyFolder(path)) && (await host.files.look(path)) !== undefined)
      throw fault("path-taken", `Somebody wrote to ${path} meanwhile`, `Look at it beside ${aside}`, { path });
    await host.files.rename(aside, path);
  });
}

/** With the index before the files are back: a tree without one counts as never filled. */
async function addEmpty(host: Host, { repository, path, branch }: Place & { readonly branch: string }): Promise<void> {
  const { mainRoot } = repository;
  if ((await registeredAt(host, mainRoot, path)) !== undefined) await host.git.forgetTree(mainRoot, path);
  await host.files.makeFolder(dirname(path));
  try {
    await host.git.addTree(mainRoot, { path, branch, commit: "", existing: true });
    await host.git.plain(path, "read-tree", "HEAD");
  } catch (failed) {
    if ((await classify(host, { repository, path })).kind === "absent") await host.files.rename(asideOf(path), path);
    throw failed;
  }
}
