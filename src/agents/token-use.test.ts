import { expect, test } from "vitest";
import { absurdity, sumUse } from "./token-use.ts";

const use = { input: 10, cachedInput: 2, cacheWrite: 1, output: 5, reasoning: 3, costUsd: 0.5 };

test("sums over questions; unknown as soon as one is, in cost or in all", () => {
  expect(sumUse([use, use])).toEqual({
    input: 20,
    cachedInput: 4,
    cacheWrite: 2,
    output: 10,
    reasoning: 6,
    costUsd: 1,
  });
  expect(sumUse([use, { ...use, costUsd: null }])?.costUsd).toBeNull();
  expect(sumUse([use, null])).toBeNull();
  expect(sumUse([])).toBeNull();
});

test.each([
  { input: -1 },
  { output: Number.NaN },
  { reasoning: Number.POSITIVE_INFINITY },
  { cachedInput: 1e12 },
  { costUsd: -0.1 },
  { costUsd: 1e9 },
])("%o cannot be", (wrong) => {
  expect(absurdity({ ...use, ...wrong })).toMatch(Object.keys(wrong)[0] ?? "?");
});

test("ordinary numbers can", () => {
  expect(absurdity(use)).toBeUndefined();
  expect(absurdity({ ...use, costUsd: null })).toBeUndefined();
});
