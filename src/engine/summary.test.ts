import { expect, test } from "vitest";
import { addUsage, noUsage } from "./summary.ts";

const use = (costUsd: number | null) => ({
  input: 10,
  cachedInput: 1,
  cacheWrite: 2,
  output: 3,
  reasoning: 4,
  costUsd,
});
const costOf = (...costs: readonly (number | null | "unknown")[]) =>
  costs.reduce((sum, cost) => addUsage(sum, cost === "unknown" ? null : use(cost)), noUsage).costUsd;

test("a cost is the sum of all, or unknown as soon as one is", () => {
  expect(costOf()).toBeNull();
  expect(costOf(0.5)).toBe(0.5);
  expect(costOf(0.5, 0.25)).toBe(0.75);
  expect(costOf(0.5, null, 0.25)).toBeNull();
  expect(costOf(null, 0.25)).toBeNull();
  expect(costOf(0.5, "unknown")).toBeNull();
  expect(costOf("unknown", 0.5)).toBeNull();
});

test("a dispatch whose usage nobody knows is counted as such", () => {
  expect(addUsage(addUsage(noUsage, use(null)), null)).toMatchObject({ totalTokens: 20, unknown: 1 });
});
