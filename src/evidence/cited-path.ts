/** Paths as agents cite them, brought to the form git knows: relative to the top folder, with `/`. Pure. */
import { isAbsolute, posix, relative } from "node:path";

/**
 * The path inside the project, or undefined when it leaves it or cannot be a path. Agents often cite absolute paths of the
 * worktree they read; these are taken when one of `roots` is above them.
 */
export function insideProject(cited: string, roots: readonly string[]): string | undefined {
  if (cited.includes("\0") || cited.trim() === "") return undefined;
  if (!isAbsolute(cited)) return bounded(posix.normalize(cited));
  for (const root of roots) {
    const below = bounded(posix.normalize(relative(root, posix.normalize(cited))));
    if (below !== undefined) return below;
  }
  return undefined;
}

function bounded(path: string): string | undefined {
  const plain = path.replace(/\/+$/, "");
  const leaves = plain === "" || plain === "." || plain === ".." || plain.startsWith("../") || plain.startsWith("/");
  return leaves || plain === ".git" || plain.startsWith(".git/") ? undefined : plain;
}
