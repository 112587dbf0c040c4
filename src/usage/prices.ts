/**
 * Prices of models, in USD for a million tokens, as the settings give them (`prices`). What an agent says that it cost counts more.
 * Nothing is guessed: a count without a price makes the whole cost unknown. Pure.
 */
import type { TokenUse } from "../model/index.ts";

export type Price = {
  readonly input: number;
  readonly output: number;
  readonly cachedInput?: number | undefined;
  readonly cacheWrite?: number | undefined;
  /** Left out: as output. */
  readonly reasoning?: number | undefined;
};

export type Prices = Readonly<Record<string, Price>>;

const million = 1_000_000;

/** The use with its cost, where the agent gave none and the price of the model that served is known. */
export function priced(use: TokenUse | null, model: string, prices: Prices): TokenUse | null {
  const price = Object.hasOwn(prices, model) ? prices[model] : undefined;
  if (use === null || use.costUsd !== null || price === undefined) return use;
  const parts = [
    [use.input, price.input],
    [use.cachedInput, price.cachedInput],
    [use.cacheWrite, price.cacheWrite],
    [use.output, price.output],
    [use.reasoning, price.reasoning ?? price.output],
  ] as const;
  let cost = 0;
  for (const [count, each] of parts) {
    if (count === 0) continue;
    if (each === undefined) return use;
    cost += (count * each) / million;
  }
  return { ...use, costUsd: cost };
}
