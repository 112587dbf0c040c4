/**
 * Whether a quote stands in a text. White space is folded (each run counts as one space), nothing else is: a quote that
 * was changed by a word is not the text's. Pure; lines count from 1, as git and editors count them.
 */
export type Lines = { readonly start: number; readonly end: number };

export type QuoteFound =
  | { readonly state: "held"; readonly lines: Lines }
  /** The quote is there, but elsewhere: at these lines, the nearest to those that were named. */
  | { readonly state: "corrected"; readonly lines: Lines }
  | { readonly state: "refuted" }
  /** Too short to prove anything. */
  | { readonly state: "unchecked" };

/** Quotes with fewer visible characters stand nearly everywhere. */
export const leastVisible = 12;

/** Looks the quote up; without `named` lines any place in the text holds. */
export function findQuote(text: string, quote: string, named?: Lines): QuoteFound {
  if (visible(quote) < leastVisible) return { state: "unchecked" };
  const folded = fold(text);
  const wanted = quote.replace(space, " ").trim();
  let nearest: { lines: Lines; distance: number } | undefined;
  for (let at = folded.text.indexOf(wanted); at !== -1; at = folded.text.indexOf(wanted, at + 1)) {
    const lines = { start: folded.lineAt(at), end: folded.lineAt(at + wanted.length - 1) };
    const distance = named === undefined ? 0 : outside(lines, named);
    if (distance === 0) return { state: "held", lines };
    if (nearest === undefined || distance < nearest.distance) nearest = { lines, distance };
  }
  return nearest === undefined ? { state: "refuted" } : { state: "corrected", lines: nearest.lines };
}

/** Characters that a person sees: no white space, no control or format characters. */
export const visible = (text: string): number => (text.match(/[^\s\p{C}]/gu) ?? []).length;

const space = /\s+/gu;

/** How many lines a place sticks out of the lines that were named; 0 when it lies within. */
const outside = (place: Lines, named: Lines): number =>
  Math.max(0, named.start - place.start) + Math.max(0, place.end - named.end);

/** The text with white space folded, and the line in which each of its characters stood. */
function fold(text: string): { text: string; lineAt(index: number): number } {
  const starts: number[] = [];
  const lines: number[] = [];
  let folded = "";
  let line = 1;
  for (const [part] of text.matchAll(/\s+|\S+/gu)) {
    const isSpace = part.trim() === "";
    if (!isSpace) {
      starts.push(folded.length);
      lines.push(line);
    }
    folded += isSpace ? " " : part;
    if (isSpace) line += part.split("\n").length - 1;
  }
  return { text: folded, lineAt: (index) => lines[lastAtMost(starts, index)] ?? 1 };
}

/** Index of the last of the rising numbers that is at most `wanted`. */
function lastAtMost(rising: readonly number[], wanted: number): number {
  let low = 0;
  let high = rising.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((rising[middle] ?? 0) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}
