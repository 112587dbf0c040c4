import { formatMoney } from "money-format";
import { checkCode } from "./check-code.js";
import { discountLabel } from "./discount.js";

const labelWidth = 28;
const amountWidth = 14;

/** The invoice as text, one figure a line. */
export function printInvoice(invoice, key) {
  const money = (cents) => formatMoney(cents, invoice.currency);
  const row = (label, cents) => `${label.padEnd(labelWidth)}${money(cents).padStart(amountWidth)}`;
  return [
    `Invoice ${invoice.number} of ${invoice.date} for ${invoice.customer}`,
    "",
    ...invoice.lines.map((line) => row(`${line.quantity} x ${line.text}`, line.amount)),
    rule,
    row("Goods", invoice.goods),
    row(discountLabel(invoice.discountPercent), -invoice.discount),
    row("Net", invoice.net),
    ...invoice.vat.map(({ rate, net, vat }) => row(`VAT ${rate} % on ${money(net)}`, vat)),
    rule,
    row("Total", invoice.total),
    "",
    `To be paid by ${invoice.due}. Check code ${checkCode(invoice, key)}.`,
  ].join("\n");
}

const rule = "-".repeat(labelWidth + amountWidth);
