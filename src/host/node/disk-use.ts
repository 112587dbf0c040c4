/** How much room a folder takes. Walks folder by folder and lets others have a turn between them. */
import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { codeOf } from "./errno.ts";

/** Bytes on disk of the folder and all in it; links themselves, not what they lead to; 0 when there is none. */
export async function usedBytes(path: string): Promise<number> {
  let sum = blocksOf(path);
  const folders = [path];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of entriesOf(folder)) {
      const inner = join(folder, entry.name);
      sum += blocksOf(inner);
      if (entry.isDirectory()) folders.push(inner);
    }
    await setImmediate();
  }
  return sum;
}

const blocksOf = (path: string): number => passing(0, () => lstatSync(path).blocks * 512);
const entriesOf = (path: string): readonly Dirent[] => passing([], () => readdirSync(path, { withFileTypes: true }));

/** What vanished meanwhile, or may not be looked at, takes no room that we know of. */
function passing<T>(otherwise: T, look: () => T): T {
  try {
    return look();
  } catch (thrown) {
    if (!["ENOENT", "ENOTDIR", "EACCES"].includes(codeOf(thrown) ?? "")) throw thrown;
    return otherwise;
  }
}
