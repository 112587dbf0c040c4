/** Fills a template. Every hole has a value, every value a hole, and text of others is cut to its limit and fenced. */
import { oneLine, shortened } from "../report/index.ts";
import { fenced } from "./fence.ts";
import { hasLimit, limitOf } from "./limits.ts";
import { gap, type Template, withValues } from "./template.ts";

export type Value =
  /** okstra's own words, never cut. */
  | { readonly own: string }
  /** One word of others: an id, a path, a commit. */
  | { readonly word: string }
  /** One line of others, as a JSON string. */
  | { readonly quoted: string }
  /** Text of others, as a fenced block. `whole`: where all of it lies, for the note when it is cut. */
  | { readonly data: string; readonly whole: string | null };

export type Values = Readonly<Record<string, Value>>;

/** What was cut, in characters. */
export type Cut = { readonly hole: string; readonly kept: number; readonly of: number; readonly whole: string | null };

export type Filled = { readonly text: string; readonly cuts: readonly Cut[] };

/** The prompt's text. Throws `prompt-gap` when a hole has no value, a value no hole, or a value has no visible character. */
export function fillPrompt(template: Template, values: Values, limits: (hole: string) => number = limitOf): Filled {
  const missing = template.holes.filter((name) => !Object.hasOwn(values, name));
  if (missing.length > 0) throw gap(template.path, `no value for ${missing.join(", ")}`, { missing });
  const unused = Object.keys(values).filter((name) => !template.holes.includes(name));
  if (unused.length > 0) throw gap(template.path, `no hole for ${unused.join(", ")}`, { unused });
  const cuts: Cut[] = [];
  const written = new Map<string, string>();
  for (const [name, value] of Object.entries(values)) {
    if ("data" in value && !hasLimit(name)) throw gap(template.path, `${name} has no limit in limits.ts`);
    const { text, cut } = write(name, value, limits(name));
    if (text.trim() === "") throw gap(template.path, `the value of ${name} is empty`, { empty: name });
    if (cut !== undefined) cuts.push(cut);
    written.set(name, text);
  }
  return { text: `${withValues(template.text, written).trimEnd()}\n`, cuts };
}

function write(hole: string, value: Value, limit: number): { readonly text: string; readonly cut?: Cut } {
  if ("own" in value) return { text: value.own };
  if ("word" in value) return { text: shortened(value.word, limit).replaceAll("`", "'") };
  if ("quoted" in value) return { text: JSON.stringify(shortened(value.quoted, limit)) };
  if (oneLine(value.data) === "") return { text: "" };
  return block(hole, value, limit);
}

type Data = Extract<Value, { readonly data: string }>;

function block(
  hole: string,
  { data: text, whole }: Data,
  limit: number,
): { readonly text: string; readonly cut?: Cut } {
  if (text.length <= limit) return { text: fenced(hole, text) };
  const kept = headOf(text, limit);
  const where = whole === null ? "the rest is not kept" : `the whole text: ${oneLine(whole)}`;
  const note = `[okstra cut this block: the first ${kept.length} of ${text.length} characters; ${where}]`;
  return { text: `${fenced(hole, kept)}\n${note}`, cut: { hole, kept: kept.length, of: text.length, whole } };
}

/** Whole lines where the last one is not very long; never half a character. */
function headOf(text: string, limit: number): string {
  const head = text.slice(0, limit).replace(/[\ud800-\udbff]$/, "");
  const end = head.lastIndexOf("\n");
  return end > limit * 0.8 ? head.slice(0, end) : head;
}
