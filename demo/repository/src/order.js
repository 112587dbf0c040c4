import { centsOf } from "./cents.js";

const rates = [0, 10, 20];

/** An order file's content, checked, with the amount of each line in cents. Throws with the field that is wrong. */
export function readOrder(text) {
  const data = JSON.parse(text);
  const { number, date, customer, discountPercent = 0, lines } = data;
  need(typeof number === "string" && number !== "", "number");
  need(/^\d{4}-\d{2}-\d{2}$/.test(date), "date");
  need(typeof customer === "string" && customer !== "", "customer");
  need(Array.isArray(lines) && lines.length > 0, "lines");
  return { number, date, customer, discountPercent, lines: lines.map(readLine) };
}

function readLine(line, index) {
  const { text, quantity, price, vat } = line;
  const field = (name) => `lines[${index}].${name}`;
  need(typeof text === "string" && text !== "", field("text"));
  need(Number.isInteger(quantity) && quantity > 0, field("quantity"));
  need(rates.includes(vat), field("vat"));
  return { text, quantity, rate: vat, amount: quantity * centsOf(price) };
}

function need(holds, field) {
  if (!holds) throw new Error(`The order's ${field} is missing or wrong`);
}
