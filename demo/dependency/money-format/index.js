/** Whole cents as text: formatMoney(123456, "EUR") is "EUR 1,234.56". */
export function formatMoney(cents, currency) {
  if (!Number.isInteger(cents)) throw new TypeError(`${cents} is not a whole number of cents`);
  const sign = cents < 0 ? "-" : "";
  const digits = String(Math.abs(cents)).padStart(3, "0");
  const units = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${currency} ${sign}${units}.${digits.slice(-2)}`;
}
