import assert from "node:assert/strict";
import test from "node:test";
import { discountLabel, lineDiscounts } from "../src/discount.js";

test("each line gets its part of the discount", () => {
  assert.deepEqual(lineDiscounts([4000, 2000, 3000], 10), [400, 200, 300]);
});

test("without a discount nothing is taken off", () => {
  assert.deepEqual(lineDiscounts([1234, 5], 0), [0, 0]);
});

test("a discount over 100 percent is refused", () => {
  assert.throws(() => lineDiscounts([1000], 101), RangeError);
});

test("the label names the percentage", () => {
  assert.equal(discountLabel(10), "Discount 10 %");
  assert.equal(discountLabel(0), "No discount");
});
