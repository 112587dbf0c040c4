import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { centsOf, roundCents, share } from "../src/cents.js";
import { readOrder } from "../src/order.js";

const example = readFileSync(new URL("../examples/order.json", import.meta.url), "utf8");

test("prices become whole cents", () => {
  assert.equal(centsOf("12.50"), 1250);
  assert.equal(centsOf("12"), 1200);
  assert.equal(centsOf("0.07"), 7);
});

test("what is no price is refused", () => {
  for (const text of ["", "12,50", "1.5", "-3.00", "free"]) assert.throws(() => centsOf(text), /is no price/);
});

test("half a cent goes up", () => {
  assert.equal(roundCents(share(45, 10)), 5);
  assert.equal(roundCents(share(44, 10)), 4);
});

test("an order is read with line amounts in cents", () => {
  const order = readOrder(example);
  assert.equal(order.customer, "Nadia Brandt");
  assert.deepEqual(
    order.lines.map((line) => line.amount),
    [4000, 2000, 3000],
  );
});

test("a wrong field is named", () => {
  const order = JSON.parse(example);
  order.lines[1].vat = 19;
  assert.throws(() => readOrder(JSON.stringify(order)), /lines\[1\]\.vat/);
});
