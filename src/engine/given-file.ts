/** A text file that a person named: read if it is one, with the reason if it is not. */
import { resolve } from "node:path";
import type { World } from "./world.ts";

/** `path` is absolute. `why` is null when nothing is there, else what is wrong with it. */
export type Given =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly why: string | null };

/** Relative paths are from `cwd`; at most `most` bytes are taken. A blank file counts as empty. */
export async function readGiven(world: World, cwd: string, name: string, most: number): Promise<Given> {
  const path = resolve(cwd, name);
  const { files } = world.host;
  const seen = await files.look((await files.realPath(path)) ?? path);
  if (seen === undefined) return { path, why: null };
  if (seen.kind !== "file") return { path, why: "it is not a file" };
  if (seen.size > most) return { path, why: `it has ${seen.size} bytes; at most ${most} are taken` };
  const bytes = await files.readBytes(path);
  if (bytes === undefined) return { path, why: "it vanished while being read" };
  const text = decode(bytes);
  if (text === undefined) return { path, why: "it is not UTF-8 text" };
  return text.trim() === "" ? { path, why: "it is empty" } : { path, text };
}

function decode(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (thrown) {
    if (thrown instanceof TypeError) return undefined;
    throw thrown;
  }
}
