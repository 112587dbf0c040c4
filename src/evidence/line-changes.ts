/** Lines that a change added or removed, from the two texts: without order, which is enough to look for words in them. Pure. */
import type { ChangedText } from "./tests-weakened.ts";

export type NumberedLine = { readonly line: number; readonly text: string };

/** Lines of `after` that `before` has not, as often as they are more. */
export function addedLines(before: string | null, after: string | null): NumberedLine[] {
  const left = new Map<string, number>();
  for (const text of linesOf(before)) left.set(text, (left.get(text) ?? 0) + 1);
  return linesOf(after).flatMap((text, index) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count > 0 ? [] : [{ line: index + 1, text }];
  });
}

export const removedLines = ({ before, after }: ChangedText): NumberedLine[] => addedLines(after, before);

const linesOf = (text: string | null): string[] => (text === null || text === "" ? [] : text.split(/\r?\n/));
