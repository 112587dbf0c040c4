import { expect, test } from "vitest";
import { priceList, pricePage } from "./price-list.ts";
import { hasPrice, priced, pricedAtLeast } from "./prices.ts";

const use = { input: 1_000_000, cachedInput: 0, cacheWrite: 0, output: 500_000, reasoning: 500_000, costUsd: null };
const own = {
  m: { input: 2, output: 10 },
  full: { input: 2, output: 10, cachedInput: 1, cacheWrite: 3, reasoning: 4 },
  "gpt-5.5": { input: 1, output: 1 },
};

test("the price of the model makes the cost, reasoning as output where it has none", () => {
  expect(priced(use, { model: "m", own })?.costUsd).toBe(12);
  expect(priced({ ...use, cachedInput: 1e6, cacheWrite: 1e6 }, { model: "full", own })?.costUsd).toBe(13);
});

test("nothing is guessed: no price, a count without a price, no use", () => {
  for (const model of ["unknown", "constructor", "gpt-5.5-next", "gemini", ""]) {
    expect(priced(use, { model, own })).toBe(use);
    expect(hasPrice(model, own)).toBe(false);
  }
  expect(priced({ ...use, cachedInput: 1 }, { model: "m", own })?.costUsd).toBeNull();
  expect(priced(null, { model: "m", own })).toBeNull();
});

test("what the agent says that it cost stands", () => {
  for (const price of [priced, pricedAtLeast])
    expect(price({ ...use, costUsd: 7 }, { model: "m", own })?.costUsd).toBe(7);
});

test("a price that is shipped counts, and one of the settings before it", () => {
  const small = { ...use, input: 100_000 };
  expect(hasPrice("gpt-5.5", {})).toBe(true);
  expect(priced(small, { model: "gpt-5.5", own: {} })?.costUsd).toBeCloseTo(30.5, 9);
  expect(priced(small, { model: "gpt-5.5", own })?.costUsd).toBeCloseTo(1.1, 9);
});

test("a price that does not hold for long prompts is taken only where none was long", () => {
  const cost = (input: number, longestPrompt?: number) =>
    priced({ ...use, input }, { model: "gpt-5.5", own: {}, ...(longestPrompt === undefined ? {} : { longestPrompt }) })
      ?.costUsd;
  expect(cost(272_000)).toBeCloseTo(31.36, 9);
  expect(cost(272_001)).toBeNull();
  expect(cost(1_000_000, 272_000)).toBeCloseTo(35, 9);
  expect(cost(1_000_000, 272_001)).toBeNull();
  expect(pricedAtLeast(use, { model: "gpt-5.5", own: {} })?.costUsd).toBeCloseTo(35, 9);
});

test("every row of the list has a day, a public page and a price that can be, and stands on its page", () => {
  const page = pricePage();
  for (const { model, input, cachedInput, output, asOf, source } of priceList) {
    expect(asOf, model).toMatch(/^20\d\d-[01]\d(-[0-3]\d)?$/);
    expect(source, model).toMatch(/^https:\/\//);
    expect([input > 0, output > input, (cachedInput ?? 0) < input], model).toEqual([true, true, true]);
    expect(page).toContain(`| \`${model}\` | ${input} |`);
  }
  expect(new Set(priceList.map(({ model }) => model)).size).toBe(priceList.length);
});
