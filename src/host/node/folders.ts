/** Folders with all that are missing above them. */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { codeOf } from "./errno.ts";

/** Others may remove a folder, empty still, that was just made for what comes into it. */
const attempts = 10;

/**
 * Gives the topmost folder made, if any. Node's own recursive mkdir never returns where a folder is there in which none can be made
 * (ENOENT below /proc), hence this one.
 */
export function makeFolders(path: string, mode = 0o777): string | undefined {
  let first: string | undefined;
  for (let left = attempts; ; left -= 1) {
    try {
      mkdirSync(path, mode);
      return first ?? path;
    } catch (thrown) {
      if (codeOf(thrown) !== "ENOENT" || left === 0 || dirname(path) === path) {
        if (isFolder(path)) return first;
        throw thrown;
      }
    }
    first = makeFolders(dirname(path), mode) ?? first;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Does what needs the path's folder, making the folder only when it is missing; `first` is the topmost one made. */
export function withFolder<T>(path: string, body: () => T): { value: T; first: string | undefined } {
  try {
    return { value: body(), first: undefined };
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT") throw thrown;
    const first = makeFolders(dirname(path));
    return { value: body(), first };
  }
}
