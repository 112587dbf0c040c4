/** HTML by template: whatever is put into `html` is escaped, unless it is itself made by `html`. */
import { visible } from "../visible.ts";

declare const safe: unique symbol;
export type Html = { readonly markup: string; readonly [safe]: true };

type Value = string | number | Html | readonly Html[];

export const html = (strings: TemplateStringsArray, ...values: readonly Value[]): Html =>
  trusted(strings.reduce((out, piece, at) => `${out}${piece}${written(values[at])}`, ""));

/** Marks markup as made here. Only for what holds no text of others: the style sheet, a joined list of `Html`. */
export const trusted = (markup: string): Html => ({ markup }) as Html;

function written(value: Value | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return escapeHtml(value);
  return "markup" in value ? value.markup : value.map((one) => one.markup).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For text and quoted attribute values. Invisible characters are shown by number. */
const escapeHtml = (text: string): string => visible(text).replace(/[&<>"']/g, (sign) => entities[sign] ?? "");
