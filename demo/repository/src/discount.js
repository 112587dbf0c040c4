import { roundCents, share } from "./cents.js";

/** The discount of each line in cents, for the line amounts of an order and the percentage of its discount. */
export function lineDiscounts(amounts, percent) {
  checkPercent(percent);
  return amounts.map((amount) => roundCents(share(amount, percent)));
}

/** What an invoice calls the discount. */
export function discountLabel(percent) {
  checkPercent(percent);
  return percent === 0 ? "No discount" : `Discount ${percent} %`;
}

function checkPercent(percent) {
  const inRange = typeof percent === "number" && percent >= 0 && percent <= 100;
  if (!inRange) throw new RangeError(`A discount is between 0 and 100 percent, not ${percent}`);
}
