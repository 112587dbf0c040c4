/** Where paths lie in relation to each other. Pure. */
import { isAbsolute, normalize, relative, sep } from "node:path";

/** Whether `path` lies below `folder` (not the folder itself). Both absolute, links resolved by the caller. */
export function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

export const isAtOrBelow = (folder: string, path: string): boolean =>
  relative(folder, path) === "" || isBelow(folder, path);

/** A relative path without `./`, doubled or trailing slashes; undefined when it is absolute, leaves its root or is the root. */
export function plainRelative(path: string): string | undefined {
  if (isAbsolute(path)) return undefined;
  const plain = normalize(path).replace(/\/+$/, "");
  return plain === "" || plain === "." || plain === ".." || plain.startsWith("../") ? undefined : plain;
}
