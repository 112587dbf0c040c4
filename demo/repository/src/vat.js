import { roundCents, share } from "./cents.js";

/** The VAT on a net amount, in cents. */
export function vatOf(net, rate) {
  return roundCents(share(net, rate));
}

/** Net amount and VAT by rate, the highest rate first. */
export function vatSummary(lines) {
  const byRate = new Map();
  for (const { net, rate } of lines) {
    const group = byRate.get(rate) ?? { rate, net: 0, vat: 0 };
    group.net += net;
    group.vat += vatOf(net, rate);
    byRate.set(rate, group);
  }
  return [...byRate.values()].sort((a, b) => b.rate - a.rate);
}
