/**
 * What a dispatch cost: as the agent says, else by the price of the model that served (the settings' `prices`, else the list that is
 * shipped). Nothing is guessed: a count without a price makes the whole cost unknown. Pure.
 */
import type { TokenUse } from "../model/index.ts";
import { listedPrice } from "./price-list.ts";

/** In USD for a million tokens. */
export type Price = {
  readonly input: number;
  readonly output: number;
  readonly cachedInput?: number | undefined;
  readonly cacheWrite?: number | undefined;
  /** Left out: as output. */
  readonly reasoning?: number | undefined;
  /** The most tokens of one prompt for which it holds; left out: it holds for all. */
  readonly longest?: number | undefined;
};

/** As the settings give them, by model id. */
export type Prices = Readonly<Record<string, Price>>;

const million = 1_000_000;

/** Whether what a model costs will be known, as a rule. */
export const hasPrice = (model: string, own: Prices): boolean => priceOf(model, own) !== undefined;

const priceOf = (model: string, own: Prices): Price | undefined =>
  Object.hasOwn(own, model) ? own[model] : listedPrice(model);

export type Priced = {
  readonly model: string;
  readonly own: Prices;
  /** Tokens of the longest prompt among the calls, where that is known. */
  readonly longestPrompt?: number | null;
};

/** The use with its cost, where the agent gave none and it is known. */
export function priced(use: TokenUse | null, { model, own, longestPrompt = null }: Priced): TokenUse | null {
  const price = priceOf(model, own);
  if (use === null || use.costUsd !== null || price === undefined) return use;
  const longest = longestPrompt ?? use.input + use.cachedInput + use.cacheWrite;
  return price.longest !== undefined && longest > price.longest ? use : withCost(use, price);
}

/** The same with what it cost at least: longer prompts never cost less. */
export function pricedAtLeast(use: TokenUse | null, { model, own }: Priced): TokenUse | null {
  const price = priceOf(model, own);
  return use === null || use.costUsd !== null || price === undefined ? use : withCost(use, price);
}

function withCost(use: TokenUse, price: Price): TokenUse {
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
