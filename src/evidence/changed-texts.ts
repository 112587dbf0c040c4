/** The texts of changed files at base and head, for the checks that read them. */
import { type Host, isText } from "../host/index.ts";
import type { ChangedText } from "./tests-weakened.ts";

export type TextsAsk = { readonly repository: string; readonly base: string; readonly head: string };

/** Larger files are data, not code that someone wrote. */
const largest = 2_000_000;

/** Changed files with both texts, sorted by path; a file that is binary or very large has an empty text, a missing one null. */
export async function changedTexts(host: Host, ask: TextsAsk, paths: readonly string[]): Promise<ChangedText[]> {
  const { repository, base, head } = ask;
  const [before, after] = await Promise.all(
    [base, head].map((commit) => host.git.blobs(repository, commit, { paths, most: largest })),
  );
  return paths
    .map((path, at) => ({ path, before: textOf(before?.[at]), after: textOf(after?.[at]) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function textOf(bytes: Uint8Array | null | undefined): string | null {
  if (bytes === undefined) return null;
  return bytes === null || !isText(bytes) ? "" : new TextDecoder().decode(bytes);
}
