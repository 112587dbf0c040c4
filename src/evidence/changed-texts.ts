/** The texts of changed files at base and head, for the checks that read them. */
import type { Host } from "../host/index.ts";
import type { ChangedText } from "./tests-weakened.ts";

export type TextsAsk = { readonly repository: string; readonly base: string; readonly head: string };

/** Larger files are data, not code that someone wrote. */
const largest = 2_000_000;
/** Enough to keep git busy on a small machine. */
const atOnce = 8;

/** Changed files with both texts, sorted by path; a file that is binary or very large has an empty text, a missing one null. */
export async function changedTexts(host: Host, ask: TextsAsk, paths: readonly string[]): Promise<ChangedText[]> {
  const texts: ChangedText[] = [];
  const read = async (path: string): Promise<ChangedText> => ({
    path,
    before: await textAt(host, ask.repository, ask.base, path),
    after: await textAt(host, ask.repository, ask.head, path),
  });
  for (let at = 0; at < paths.length; at += atOnce)
    texts.push(...(await Promise.all(paths.slice(at, at + atOnce).map(read))));
  return texts.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function textAt(host: Host, repository: string, commit: string, path: string): Promise<string | null> {
  const bytes = await host.git.blob(repository, commit, path);
  if (bytes === undefined) return null;
  return bytes.length > largest || bytes.subarray(0, 8_000).includes(0) ? "" : new TextDecoder().decode(bytes);
}
