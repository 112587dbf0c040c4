import { readFileSync } from "node:fs";

const file = new URL("../.env", import.meta.url);

/** The settings of this machine, from the file .env beside package.json. Throws when one is missing. */
export function loadSettings() {
  const values = parse(readFileSync(file, "utf8"));
  const days = Number(needed(values, "PAYMENT_DAYS"));
  if (!Number.isInteger(days) || days < 0) throw new Error("PAYMENT_DAYS in .env is no whole number of days");
  return { currency: needed(values, "SHOP_CURRENCY"), paymentDays: days, invoiceKey: needed(values, "INVOICE_KEY") };
}

/** Lines of the form NAME=value; empty lines and lines that start with # say nothing. */
export function parse(text) {
  const values = new Map();
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const at = line.indexOf("=");
    if (at > 0) values.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  return values;
}

function needed(values, name) {
  const value = values.get(name) ?? "";
  if (value === "") throw new Error(`${name} is missing in .env`);
  return value;
}
