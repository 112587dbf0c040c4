/** Medians and interleaved measuring. What counts is the ratio to what was measured a moment before: machines are noisy. */

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** The value below which this share (0 to 1) lies. */
export function percentile(values: readonly number[], share: number): number {
  const found = sorted(values)[Math.min(values.length - 1, Math.floor(share * values.length))];
  if (found === undefined) throw new Error("no values");
  return found;
}

export function median(values: readonly number[]): number {
  const all = sorted(values);
  const [low, high] = [all[(all.length - 1) >> 1], all[all.length >> 1]];
  if (low === undefined || high === undefined) throw new Error("no values");
  return (low + high) / 2;
}

/** The median of `a[i] / b[i]`. */
export const ratioOf = (a: readonly number[], b: readonly number[]): number =>
  median(a.map((value, at) => value / (b[at] ?? Number.NaN)));

/** Measures each way once, again and again: A B C A B C. A first round, which warms caches, does not count. */
export async function interleave<Way extends string>(
  rounds: number,
  ways: Readonly<Record<Way, () => Promise<number> | number>>,
): Promise<Record<Way, number[]>> {
  const names = Object.keys(ways) as Way[];
  const found = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Way, number[]>;
  for (let round = -1; round < rounds; round += 1) {
    for (const name of names) {
      const value = await ways[name]();
      if (round >= 0) found[name].push(value);
    }
  }
  return found;
}

/** Chance that is the same each time (xorshift): numbers from 0 up to 1. */
export function chance(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
