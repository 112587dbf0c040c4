/** HTML by template: whatever is put into one is escaped, unless it is itself made by `html`. */
import { visible } from "../visible.ts";

declare const safe: unique symbol;
export type Html = { readonly markup: string; readonly [safe]: true };

type Value = string | number | Html | readonly Html[];

/** A piece of markup to be put into others. What is printed often is written at once instead: see `Page`. */
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

/**
 * A page as it is written, piece after piece: nothing is put together twice. `write` takes markup only as the template's own words, `add`
 * only what `html` made.
 */
export class Page {
  private readonly pieces: string[] = [];

  write(strings: TemplateStringsArray, ...values: readonly (string | number)[]): void {
    this.pieces.push(strings[0] ?? "");
    for (let at = 0; at < values.length; at++) {
      const value = values[at] ?? "";
      this.pieces.push(typeof value === "number" ? String(value) : escapeHtml(value), strings[at + 1] ?? "");
    }
  }

  /** A text alone. */
  text(text: string): void {
    this.pieces.push(escapeHtml(text));
  }

  add({ markup }: Html): void {
    this.pieces.push(markup);
  }

  whole(): string {
    return this.pieces.join("");
  }
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
