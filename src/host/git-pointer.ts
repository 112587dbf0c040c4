/** The file `.git` of a linked worktree or a submodule: one line that names the git folder (gitrepository-layout(5)). */
import { resolve } from "node:path";

/** The folder named, which may be relative to the worktree's; undefined when the text is no such line. Git drops only line ends. */
export function namedGitFolder(tree: string, text: string | undefined): string | undefined {
  const named = /^gitdir: ([^\r\n].*?)[\r\n]*$/s.exec(text ?? "")?.[1];
  return named === undefined ? undefined : resolve(tree, named);
}
