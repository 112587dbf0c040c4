import { expect, test } from "vitest";
import { priced } from "./prices.ts";

const use = { input: 1_000_000, cachedInput: 0, cacheWrite: 0, output: 500_000, reasoning: 500_000, costUsd: null };
const prices = {
  m: { input: 2, output: 10 },
  full: { input: 2, output: 10, cachedInput: 1, cacheWrite: 3, reasoning: 4 },
};

test("the price of the model makes the cost, reasoning as output where it has none", () => {
  expect(priced(use, "m", prices)?.costUsd).toBe(12);
  expect(priced({ ...use, cachedInput: 1_000_000, cacheWrite: 1_000_000 }, "full", prices)?.costUsd).toBe(13);
});

test("nothing is guessed: no price, a count without a price, no use", () => {
  expect(priced(use, "unknown", prices)).toBe(use);
  expect(priced(use, "constructor", prices)).toBe(use);
  expect(priced({ ...use, cachedInput: 1 }, "m", prices)?.costUsd).toBeNull();
  expect(priced(null, "m", prices)).toBeNull();
});

test("what the agent says that it cost stands", () => {
  expect(priced({ ...use, costUsd: 7 }, "m", prices)?.costUsd).toBe(7);
});
