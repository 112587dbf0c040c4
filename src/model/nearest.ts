/**
 * The known word nearest to a mistyped one by edit distance (at most a third of its length), else the shortest one that it is the
 * beginning of, else undefined.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? begun(word, known);
}

/** The shortest known word that begins so, when enough was written to tell. */
const begun = (word: string, known: readonly string[]): string | undefined =>
  word.length < 3
    ? undefined
    : known
        .filter((candidate) => candidate.toLowerCase().startsWith(word.toLowerCase()))
        .reduce<string | undefined>((a, b) => (a === undefined || b.length < a.length ? b : a), undefined);

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const change = a[row - 1] === b[column - 1] ? 0 : 1;
      current.push(
        Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (previous[column - 1] ?? 0) + change),
      );
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
