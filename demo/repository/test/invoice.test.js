import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { checkCode, isOurs } from "../src/check-code.js";
import { dueDate, makeInvoice } from "../src/invoice.js";
import { readOrder } from "../src/order.js";
import { printInvoice } from "../src/print.js";
import { loadSettings } from "../src/settings.js";

const settings = loadSettings();
const example = readFileSync(new URL("../examples/order.json", import.meta.url), "utf8");
const invoice = makeInvoice(readOrder(example), settings);

test("the figures of the example order", () => {
  assert.equal(invoice.goods, 9000);
  assert.equal(invoice.discount, 900);
  assert.equal(invoice.net, 8100);
  assert.deepEqual(invoice.vat, [
    { rate: 20, net: 5400, vat: 1080 },
    { rate: 10, net: 2700, vat: 270 },
  ]);
  assert.equal(invoice.total, 9450);
});

test("the day of payment may lie in the next month or year", () => {
  assert.equal(dueDate("2024-04-30", 14), "2024-05-14");
  assert.equal(dueDate("2023-12-24", 14), "2024-01-07");
});

test("the printed invoice shows every figure", () => {
  const text = printInvoice(invoice, settings.invoiceKey);
  assert.match(text, /^Invoice 2024-0098 of 2024-04-30 for Nadia Brandt$/m);
  assert.match(text, /^Discount 10 % +EUR -9\.00$/m);
  assert.match(text, /^VAT 20 % on EUR 54\.00 +EUR 10\.80$/m);
  assert.match(text, /^Total +EUR 94\.50$/m);
});

test("the check code belongs to this invoice only", () => {
  const code = checkCode(invoice, settings.invoiceKey);
  assert.ok(isOurs(invoice, ` ${code.toLowerCase()} `, settings.invoiceKey));
  assert.ok(!isOurs({ ...invoice, total: invoice.total + 1 }, code, settings.invoiceKey));
});
