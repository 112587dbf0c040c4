import assert from "node:assert/strict";
import test from "node:test";
import { vatOf, vatSummary } from "../src/vat.js";

test("VAT is a part of the net amount", () => {
  assert.equal(vatOf(10000, 20), 2000);
  assert.equal(vatOf(10000, 0), 0);
});

test("the summary has one entry for each rate, the highest first", () => {
  const lines = [
    { net: 3000, rate: 10 },
    { net: 1000, rate: 20 },
    { net: 2000, rate: 20 },
  ];
  assert.deepEqual(vatSummary(lines), [
    { rate: 20, net: 3000, vat: 600 },
    { rate: 10, net: 3000, vat: 300 },
  ]);
});
