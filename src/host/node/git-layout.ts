/**
 * What git keeps in plain files, read without starting git (half of all calls of a run asked for it): where a worktree's own
 * and its repository's common folder lie, and what HEAD is. The layout is that of gitrepository-layout(5). What must stay
 * true: only the plain case is answered here; whatever looks otherwise (a detour of refs, another kind of store, a file that
 * is not there) is `undefined`, and git is asked.
 */
import { lstatSync, readFileSync, type Stats } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Head } from "../git.ts";
import { namedGitFolder } from "../git-pointer.ts";
import { codeOf } from "./errno.ts";

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
  const branch = /^ref: refs\/heads\/([^\n]+)\n$/.exec(head)?.[1] ?? "";
  if (!isPlainName(branch)) return undefined;
  const ref = `refs/heads/${branch}`;
  const commit = commitIn(text(join(folders.common, ref)) ?? "") ?? packed(folders.common, ref);
  return commit === undefined ? undefined : { commit, branch };
}

/** The commit of a branch of the repository that a top folder, or the `.git` in it, belongs to; null where there is none. */
export function plainBranch(at: string, branch: string): string | null | undefined {
  const folders = gitFolders(basename(at) === ".git" ? dirname(at) : at);
  if (folders === undefined || !isPlainName(branch)) return undefined;
  const ref = `refs/heads/${branch}`;
  // In this order: git writes packed-refs before it deletes what it packed.
  const loose = content(join(folders.common, ref));
  if (loose === undefined) return undefined;
  if (loose !== null && loose !== folder) return commitIn(loose);
  const commit = packed(folders.common, ref);
  return commit ?? (isPackedNowhere(folders.common, ref) ? null : undefined);
}

/** That no branch bears this name, and none lies in a folder of it. False: that is not plain to see. */
export function plainlyFree(at: string, branch: string): boolean {
  const folders = gitFolders(basename(at) === ".git" ? dirname(at) : at);
  if (folders === undefined || !isPlainName(branch)) return false;
  const ref = `refs/heads/${branch}`;
  return content(join(folders.common, ref)) === null && isPackedNowhere(folders.common, ref);
}

/** That no merge is under way in a worktree, named by its top folder. False: that is not plain to see. */
export function plainlyNotMerging(tree: string): boolean {
  const folders = gitFolders(tree);
  return folders !== undefined && content(join(folders.own, "MERGE_HEAD")) === null && look(folders.own) !== undefined;
}

const isPlainName = (branch: string): boolean =>
  /^[^\0-\x20~^:?*[\\]+$/.test(branch) && !/\.\.|\/\.|^\.|\/\/|^\/|[/.]$|@\{|\.lock(\/|$)/.test(branch);

/** Neither the ref nor one below it; and refs are kept in files at all. */
function isPackedNowhere(common: string, ref: string): boolean {
  const all = content(join(common, "packed-refs"));
  if (all === undefined || all === folder) return false;
  if (look(join(common, "refs"))?.isDirectory() !== true || look(join(common, "reftable")) !== undefined) return false;
  return all === null || !(all.includes(` ${ref}\n`) || all.includes(` ${ref}/`));
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

const folder = Symbol("a folder");

/** Null: there is nothing. Undefined: it cannot be read. */
function content(path: string): string | typeof folder | null | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === "EISDIR") return folder;
    return code === "ENOENT" || code === "ENOTDIR" ? null : undefined;
  }
}

function text(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // as above
  }
}
