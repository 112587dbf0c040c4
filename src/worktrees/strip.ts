/** Frees what a finished tree holds only because someone built or installed there: it can be made anew. */
import { join } from "node:path";
import type { Host } from "../host/index.ts";
import { derivedFolders, type IgnoredAsk } from "./ignored.ts";
import { setAside } from "./trash.ts";

export type Stripped = {
  /** Relative to the tree. */
  readonly folders: readonly string[];
  readonly bytes: number;
  /** What is left to delete: see deleteLater. */
  readonly trash: readonly string[];
};

/** `look`: only says what would go. The caller holds the task lock and knows that nobody works in the tree. */
export async function stripTree(
  host: Host,
  home: string,
  ask: IgnoredAsk & { readonly look: boolean },
): Promise<Stripped> {
  const folders = await derivedFolders(host, ask);
  const trash: string[] = [];
  let bytes = 0;
  for (const name of folders) {
    const path = join(ask.path, name);
    bytes += await host.files.usedBytes(path);
    if (!ask.look) trash.push(await setAside(host, home, path));
  }
  return { folders, bytes, trash };
}
