/** Keeps work that would be lost: a ref below `refs/okstra/rescue/<key>/` on a commit that holds it. Nothing deletes these. */
import { type Host, isoTime, type Repository } from "../host/index.ts";
import { segmentPath } from "../lifecycle/index.ts";
import type { TaskKey } from "../model/index.ts";
import { gitFolderOf, treeObjectOf, unsavedState } from "./remains.ts";

export type Work = {
  /** A tree object of uncommitted state, or null when only commits are to be kept. */
  readonly state: string | null;
  /** Commits to be kept; the first is what the state was made on. */
  readonly commits: readonly [string, ...string[]];
  /** For the commit's message. */
  readonly from: string;
};

/** Saves a tree's uncommitted state, untracked files included, ignored ones not; null when the tree is clean. */
export async function rescueTree(
  host: Host,
  ask: { readonly repository: Repository; readonly tree: string; readonly key: TaskKey },
): Promise<string | null> {
  const { repository, tree } = ask;
  const head = (await host.git.head(tree))?.commit;
  const gitFolder = (await gitFolderOf(host, repository, tree)) ?? repository.commonDir;
  if (head === undefined) return null;
  const state = await unsavedState(host, { repository, path: tree, gitFolder, head });
  return state === null ? null : await keepWork(host, ask, { state, commits: [head], from: tree });
}

/** The ref that keeps the work; one that keeps just this already is used again, so that a repeated undo makes no second. */
export async function keepWork(
  host: Host,
  at: { readonly repository: Repository; readonly key: TaskKey },
  work: Work,
): Promise<string> {
  const { mainRoot } = at.repository;
  const folder = `refs/okstra/rescue/${segmentPath(at.key)}`;
  const state = work.state ?? (await treeObjectOf(host, mainRoot, work.commits[0]));
  const bare = work.state === null && work.commits.length === 1;
  for (const { ref, commit } of await host.git.refs(mainRoot, `${folder}/`)) {
    if (bare ? commit === work.commits[0] : await holds(host, mainRoot, { commit, state, parents: work.commits }))
      return ref;
  }
  const commit = bare
    ? work.commits[0]
    : await host.git.commitTree(mainRoot, state, work.commits, `okstra: work found in ${work.from}`);
  const time = isoTime(host.clock).replaceAll(/[-:.]/g, "");
  for (let number = 1; ; number += 1) {
    const ref = `${folder}/${time}${number === 1 ? "" : `-${number}`}`;
    if (await host.git.setRef(mainRoot, ref, commit, "")) return ref;
  }
}

async function holds(
  host: Host,
  repository: string,
  work: { commit: string; state: string; parents: readonly string[] },
): Promise<boolean> {
  const parents = (await host.git.commit(repository, work.commit))?.parents ?? [];
  if (parents.join() !== work.parents.join()) return false;
  return (await treeObjectOf(host, repository, work.commit)) === work.state;
}
