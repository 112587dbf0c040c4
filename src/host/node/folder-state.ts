/** What a folder holds, as far as names, sizes and times tell it: cheap enough for the tens of thousands of files of an installer. */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { FolderState } from "../files.ts";
import { codeOf } from "./errno.ts";

/** Contents of files are not read; one that was changed has another time. Folders are walked in the order of their names. */
export async function folderState(path: string, since: number): Promise<FolderState> {
  const hash = createHash("sha256");
  const changed: string[] = [];
  const folders = [""];
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for (const name of namesIn(join(path, folder))) {
      const inner = folder === "" ? name : `${folder}/${name}`;
      const seen = lstatSync(join(path, inner), { throwIfNoEntry: false });
      if (seen === undefined) continue;
      const isFolder = seen.isDirectory();
      hash.update(`${inner}\0${seen.mode} ${isFolder ? "" : `${seen.size} ${seen.mtimeMs} ${seen.ino}`}\n`);
      if (isFolder) folders.push(inner);
      else if (seen.ctimeMs >= since - coarseMs) changed.push(inner);
    }
    await setImmediate();
  }
  return { sha256: hash.digest("hex"), changed };
}

/** File systems stamp with a clock that ticks more slowly than the one that `since` was read from. */
const coarseMs = 20;

/** None of a folder that is gone, or that may not be looked into. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (thrown) {
    if (!["ENOENT", "ENOTDIR", "EACCES"].includes(codeOf(thrown) ?? "")) throw thrown;
    return [];
  }
}
