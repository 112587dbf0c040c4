/**
 * What git keeps in plain files, read without starting git (half of all calls of a run asked for it): where a worktree's own
 * and its repository's common folder lie, and what HEAD is. The layout is that of gitrepository-layout(5). What must stay
 * true: only the plain case is answered here; whatever looks otherwise (a detour of refs, another kind of store, a file that
 * is not there) is `undefined`, and git is asked.
 */
import { lstatSync, readFileSync, type Stats } from "node:fs";
import { join, resolve } from "node:path";
import type { Head } from "../git.ts";
import { namedGitFolder } from "../git-pointer.ts";

/** Of the top folder of a worktree. `own` and `common` are the same in a main worktree. */
export type GitFolders = { readonly own: string; readonly common: string };

export function gitFolders(tree: string): GitFolders | undefined {
  const pointer = join(tree, ".git");
  const seen = look(pointer);
  if (seen?.isDirectory() === true) return { own: pointer, common: pointer };
  if (seen?.isFile() !== true) return undefined;
  const own = namedGitFolder(tree, text(pointer));
  if (own === undefined) return undefined;
  const common = /^(.+)\n$/.exec(text(join(own, "commondir")) ?? "")?.[1];
  return common === undefined ? undefined : { own, common: resolve(own, common) };
}

/** HEAD of a worktree by its top folder. */
export function plainHead(tree: string): Head | undefined {
  const folders = gitFolders(tree);
  if (folders === undefined) return undefined;
  const head = text(join(folders.own, "HEAD")) ?? "";
  const detached = commitIn(head);
  if (detached !== undefined) return { commit: detached, branch: null };
  const branch = /^ref: refs\/heads\/([^\0-\x20~^:?*[\\]+)\n$/.exec(head)?.[1];
  if (branch === undefined || /\.\.|\/\.|^\./.test(branch)) return undefined;
  const ref = `refs/heads/${branch}`;
  const commit = commitIn(text(join(folders.common, ref)) ?? "") ?? packed(folders.common, ref);
  return commit === undefined ? undefined : { commit, branch };
}

/** Changes when the tree's `.git` is replaced: what was learnt of the repository holds as long as it does not. */
export function pointerMark(tree: string): string | undefined {
  const seen = look(join(tree, ".git"));
  if (seen === undefined) return undefined;
  return seen.isDirectory()
    ? `folder ${seen.dev} ${seen.ino}`
    : `file ${seen.dev} ${seen.ino} ${seen.size} ${seen.mtimeMs}`;
}

const commitIn = (content: string): string | undefined => /^([0-9a-f]{40}|[0-9a-f]{64})\n$/.exec(content)?.[1];

/** A ref that has no file of its own is a line `<id> <ref>` of packed-refs. */
function packed(common: string, ref: string): string | undefined {
  const all = text(join(common, "packed-refs"));
  const at = all?.indexOf(` ${ref}\n`) ?? -1;
  if (all === undefined || at < 0) return undefined;
  return commitIn(`${all.slice(all.lastIndexOf("\n", at) + 1, at)}\n`);
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // git is asked, and says what is wrong
  }
}

function text(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // as above
  }
}
