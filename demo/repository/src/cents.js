/** Money is whole cents. Fractions of a cent exist only between a multiplication and the rounding after it. */

const price = /^(\d{1,7})(?:\.(\d{2}))?$/;

/** The cents of a price such as "12.50" or "12". Throws on anything else. */
export function centsOf(text) {
  const found = price.exec(String(text));
  if (found === null) throw new Error(`"${text}" is no price; write it like 12.50`);
  return Number(found[1]) * 100 + Number(found[2] ?? 0);
}

/** The part of an amount that a percentage makes, with fractions of a cent. */
export function share(amount, percent) {
  return (amount * percent) / 100;
}

/** Whole cents, half a cent up. */
export function roundCents(value) {
  return Math.floor(value + 0.5);
}

/** All amounts together. */
export function sum(amounts) {
  return amounts.reduce((total, amount) => total + amount, 0);
}
