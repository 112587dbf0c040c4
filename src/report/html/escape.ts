/** HTML by template: whatever is put into `html` is escaped, unless it is itself made by `html`. */
import { visible } from "../visible.ts";

declare const safe: unique symbol;
export type Html = { readonly markup: string; readonly [safe]: true };

type Value = string | number | Html | readonly Html[];

/** Pieces are only added to, so that the whole page is put together once, when it is written. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  let out = strings[0] ?? "";
  for (let at = 0; at < values.length; at++) out += written(values[at]) + (strings[at + 1] ?? "");
  return trusted(out);
}

/** Marks markup as made here. Only for what holds no text of others: the style sheet, a joined list of `Html`. */
export const trusted = (markup: string): Html => ({ markup }) as Html;

function written(value: Value | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return escapeHtml(value);
  if ("markup" in value) return value.markup;
  let out = "";
  for (const one of value) out += one.markup;
  return out;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For text and quoted attribute values. Invisible characters are shown by number. */
const escapeHtml = (text: string): string =>
  harmless.test(text) ? text : visible(text).replace(/[&<>"']/g, (sign) => entities[sign] ?? "");

/** Most texts: visible letters, and no sign that has a meaning in HTML. */
const harmless = /^[\t\n !#-%(-;=?-~]*$/;
