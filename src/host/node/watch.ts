/**
 * Being told of changes of a file, for real: the folder is watched (a file that is replaced or not there yet has no watch of its
 * own), and a timer calls besides, since a watch may be refused (too many), lost, or blind (network file systems).
 */
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { codeOf } from "./errno.ts";

export function watchFile(path: string, everyMs: number, call: () => void): () => void {
  const watcher = folderWatcher(dirname(path), basename(path), call);
  const timer = setInterval(call, everyMs);
  return () => {
    clearInterval(timer);
    watcher?.close();
  };
}

/** Undefined when the system cannot watch here: the timer is enough then. */
function folderWatcher(folder: string, name: string, call: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, (_, changed) => {
      if (changed === null || changed === name) call();
    });
    return watcher.on("error", () => watcher.close());
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
    return undefined;
  }
}
