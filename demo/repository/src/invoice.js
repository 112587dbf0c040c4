import { sum } from "./cents.js";
import { lineDiscounts } from "./discount.js";
import { vatOf, vatSummary } from "./vat.js";

/** The invoice of an order: every figure that is printed, in cents. */
export function makeInvoice(order, settings) {
  const amounts = order.lines.map((line) => line.amount);
  const discounts = lineDiscounts(amounts, order.discountPercent);
  const lines = order.lines.map((line, at) => ({
    ...line,
    discount: discounts[at],
    net: line.amount - discounts[at],
  }));
  const goods = sum(amounts);
  const discount = sum(discounts);
  return {
    number: order.number,
    date: order.date,
    due: dueDate(order.date, settings.paymentDays),
    customer: order.customer,
    currency: settings.currency,
    lines,
    goods,
    discountPercent: order.discountPercent,
    discount,
    net: goods - discount,
    vat: vatSummary(lines),
    total: sum(lines.map((line) => line.net + vatOf(line.net, line.rate))),
  };
}

/** The day by which an invoice is to be paid, as YYYY-MM-DD. */
export function dueDate(date, days) {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}
