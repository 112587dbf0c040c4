import { createHmac } from "node:crypto";

/** Eight letters and digits by which the shop recognises its own invoice: number, customer and total, signed. */
export function checkCode(invoice, key) {
  const { number, customer, total } = invoice;
  const signed = createHmac("sha256", key).update(JSON.stringify([number, customer, total])).digest("hex");
  return signed.slice(0, 8).toUpperCase();
}

/** Whether a code that somebody reads out belongs to the invoice. */
export function isOurs(invoice, code, key) {
  return checkCode(invoice, key) === code.trim().toUpperCase();
}
