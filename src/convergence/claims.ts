/**
 * When two claims say the same. A claim is its set of normalised words: lower case, NFKC, without stop words and common English
 * endings. Thresholds (of the Dice coefficient, shared words times two over the words of both):
 *
 *   0.4  for findings whose lines overlap in one file, where the place already speaks for it; or, so that a short claim can
 *        meet a long one, at least 4 shared words that are at least 0.6 of the shorter claim
 *   0.8  for pairs of which one has no lines to go by
 *
 * Two findings of one worker are the same only when their words are: he had a reason to tell them apart.
 * They lean to keeping apart: two items for one fault cost a verdict, one item for two faults hides the second.
 */

/** The normalised words of a text, sorted, each once. */
export const words = (text: string): string[] => wordReader()(text);

/** The same for many texts: a word that comes again is not normalised again. */
export function wordReader(): (text: string) => string[] {
  const known = new Map<string, string>();
  const normal = (word: string): string => {
    const before = known.get(word);
    if (before !== undefined) return before;
    // Most words are plain, and normalising loads the Unicode tables.
    const lower = (plain.test(word) ? word : word.normalize("NFKC")).toLowerCase();
    const found = stopWords.has(lower) ? "" : stem(lower);
    known.set(word, found);
    return found;
  };
  return (text) => {
    const found = new Set<string>();
    for (const word of wordsIn(text)) {
      const one = normal(word);
      if (one !== "") found.add(one);
    }
    return [...found].sort();
  };
}

const plain = /^[ -~\s]*$/;

/** Most claims are plain English, for which a pattern without Unicode classes says the same, faster. */
const wordsIn = (text: string): readonly string[] =>
  (plain.test(text) ? text.match(/[A-Za-z0-9_]+/g) : text.normalize("NFKC").match(/[\p{L}\p{N}_]+/gu)) ?? [];

export const sameAtOnePlace = 0.4;
export const sameAnywhere = 0.8;
const fewestContained = 4;
const contained = 0.6;

/** Sorted word ids of a claim. */
export type Bag = Int32Array;

/** What a claim is compared by: its words, or their ids, sorted, each once. Two claims are compared by the same of both. */
type Sorted = ArrayLike<string | number>;

/** How alike two claims are (their Dice coefficient), or 0 when they are not the same by the threshold. */
export function alike(a: Sorted, b: Sorted, threshold: number): number {
  if (a.length === 0 || b.length === 0) return 0;
  const all = a.length + b.length;
  const most = Math.min(a.length, b.length);
  if (threshold === sameAnywhere && 2 * most < threshold * all) return 0;
  const shared = sharedWords(a, b);
  const isContained = threshold === sameAtOnePlace && shared >= fewestContained && shared >= contained * most;
  return isContained || 2 * shared >= threshold * all ? (2 * shared) / all : 0;
}

/** Shared words times two over the words of both; 0 of nothing. */
export const diceOf = (a: Sorted, b: Sorted): number =>
  a.length === 0 || b.length === 0 ? 0 : (2 * sharedWords(a, b)) / (a.length + b.length);

function sharedWords(a: Sorted, b: Sorted): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const left = a[i] ?? 0;
    const right = b[j] ?? 0;
    if (left === right) shared++;
    if (left <= right) i++;
    if (right <= left) j++;
  }
  return shared;
}

/**
 * The bags of claims. Ids run from the rarest word to the commonest, so that the first few of a bag are those least likely to
 * be shared by chance: candidates for `sameAnywhere` are found by them alone.
 */
export function bags(claims: readonly (readonly string[])[]): Bag[] {
  const counts = new Map<string, number>();
  for (const claim of claims) for (const word of claim) counts.set(word, (counts.get(word) ?? 0) + 1);
  const ranked = [...counts].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
  const ids = new Map(ranked.map(([word], id) => [word, id]));
  return claims.map((claim) => {
    const bag = new Int32Array(claim.length);
    for (let at = 0; at < claim.length; at++) bag[at] = ids.get(claim[at] ?? "") ?? 0;
    return bag.sort();
  });
}

/**
 * How many of its first words a bag of this size must show to meet every other bag with a Dice coefficient of `sameAnywhere`:
 * such a pair shares at least d / (2 - d) of the words of each, so it cannot miss in all of the first n - needed + 1.
 */
export const prefixLength = (size: number): number =>
  size - Math.ceil((sameAnywhere / (2 - sameAnywhere)) * size - 1e-9) + 1;

const stopWords: ReadonlySet<string> = new Set(
  "a an and are as at be been but by can does for from has have if in into is it its of on or so than that the their then there they this to was were when where which while will with".split(
    " ",
  ),
);

/** Drops common endings of longer words, so that "validates" meets "validated". Crude on purpose: it only has to be the same for both. */
function stem(word: string): string {
  if (word.length < 5) return word;
  for (const ending of ["ing", "ed", "es", "e", "s"]) {
    if (word.endsWith(ending) && word.length - ending.length >= 4) return word.slice(0, -ending.length);
  }
  return word;
}
