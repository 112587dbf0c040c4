/** What a dispatch cost, in what its agent said. A number that cannot be is no number: the whole becomes unknown, with a note. */
import type { TokenUse } from "../model/index.ts";

/** No single process of an agent has used as much; above it the number is an error of the agent. */
const mostTokens = 1_000_000_000;
const mostUsd = 10_000;

const counts = ["input", "cachedInput", "cacheWrite", "output", "reasoning"] as const;

/** What is wrong with the numbers, or undefined. */
export function absurdity(use: TokenUse): string | undefined {
  for (const name of counts) {
    const value = use[name];
    if (!Number.isFinite(value) || value < 0 || value > mostTokens) return `${name} is ${value}`;
  }
  const { costUsd } = use;
  if (costUsd !== null && !(costUsd >= 0 && costUsd <= mostUsd)) return `costUsd is ${costUsd}`;
  return undefined;
}

/** The sum over the questions of a dispatch; null as soon as one of them is unknown, since part of a sum reads like the whole. */
export function sumUse(parts: readonly (TokenUse | null)[]): TokenUse | null {
  let sum: TokenUse | null = null;
  for (const part of parts) {
    if (part === null) return null;
    sum = sum === null ? part : add(sum, part);
  }
  return sum;
}

const add = (a: TokenUse, b: TokenUse): TokenUse => ({
  input: a.input + b.input,
  cachedInput: a.cachedInput + b.cachedInput,
  cacheWrite: a.cacheWrite + b.cacheWrite,
  output: a.output + b.output,
  reasoning: a.reasoning + b.reasoning,
  costUsd: a.costUsd === null || b.costUsd === null ? null : a.costUsd + b.costUsd,
});

/** Whether two counts of the same calls agree. What was thought is compared with the output: not every source tells it apart. */
export const isSameUse = (a: TokenUse, b: TokenUse): boolean =>
  a.input === b.input &&
  a.cachedInput === b.cachedInput &&
  a.cacheWrite === b.cacheWrite &&
  a.output + a.reasoning === b.output + b.reasoning;
