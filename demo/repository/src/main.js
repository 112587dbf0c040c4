#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { makeInvoice } from "./invoice.js";
import { readOrder } from "./order.js";
import { printInvoice } from "./print.js";
import { loadSettings } from "./settings.js";

const [path, ...rest] = process.argv.slice(2);
if (path === undefined || rest.length > 0) {
  console.error("Usage: invoice ORDER.json");
  process.exit(2);
}

try {
  const settings = loadSettings();
  const invoice = makeInvoice(readOrder(readFileSync(path, "utf8")), settings);
  console.log(printInvoice(invoice, settings.invoiceKey));
} catch (error) {
  console.error(`No invoice was made: ${error.message}`);
  process.exit(1);
}
