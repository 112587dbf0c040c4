/** Text for people: one visible line of anything, aligned columns, times, the lines of a failure. Pure. */
import type { Failure } from "../model/index.ts";
import { oneLine, shortened } from "../report/index.ts";
import type { Paint } from "./paint.ts";

export { oneLine, shortened };

/**
 * How many columns a text takes at most: wide letters (Hangul, Han, full width, emoji) take two, marks none. Where terminals
 * differ (emoji made of several characters) it is the most that any of them takes.
 */
export function widthOf(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const letter of text.replace(colourCodes, "")) width += widthOfLetter(letter);
  return width;
}

/** At most `width` columns of a text without colours, an ellipsis where it was cut. */
export function clipped(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  let room = width - 1;
  for (const letter of text) {
    room -= widthOfLetter(letter);
    if (room < 0) break;
    kept += letter;
  }
  return width < 1 ? "" : `${kept}…`;
}

/** How many lines a terminal of this width makes of it; a wide letter is not parted. */
export function linesTaken(text: string, columns: number): number {
  if (widthOf(text) <= columns) return 1;
  let lines = 1;
  let used = 0;
  for (const letter of text.replace(colourCodes, "")) {
    const width = widthOfLetter(letter);
    if (used + width > columns) {
      lines += 1;
      used = 0;
    }
    used += width;
  }
  return lines;
}

const widthOfLetter = (letter: string): number =>
  letter === emojiMark ? 1 : marks.test(letter) ? 0 : wide.test(letter) || emoji.test(letter) ? 2 : 1;

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character starts a colour code
const colourCodes = /\u001b\[\d+m/g;
/** What most cells are; long lists are padded ten times faster. */
const plain = /^[ -~]*$/;
const marks = /[\p{Mn}\p{Me}\u1160-\u11ff\u200c\u200d]/u;
/** Makes the letter before it an emoji, which is wide. */
const emojiMark = "\ufe0f";
const emoji = /\p{Emoji_Presentation}/u;
const wide =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4dc0-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d37f}\u{1f000}-\u{1f02f}\u{1f200}-\u{1f2ff}\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

export const padded = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - widthOf(text)));

/** Rows as aligned columns, two spaces between them, nothing after the last. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, widthOf(cell));
    });
  }
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : padded(cell, widths[index] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

/** `2026-11-21 04:00` (UTC) of an ISO time; a dash for none. */
export const minuteOf = (time: string | null): string => (time === null ? "-" : time.slice(0, 16).replace("T", " "));

/** `850 ms`, `12.3 s`, `2 min 5 s`. */
export function durationOf(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `812 B`, `4.0 KiB`, `1.2 GiB`. */
export function bytesOf(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${units[power] ?? "B"}`;
}

/** At most three lines: what, one line of detail if the message has more than one, how to go on. */
export function failureLines(failure: Failure, paint: Paint): string[] {
  const [what = "", ...more] = failure.message
    .split(/\r\n?|\n/)
    .map(oneLine)
    .filter((line) => line !== "");
  const detail = more.join("; ");
  return [
    `${paint.bad("✗")} ${what}`,
    ...(detail === "" ? [] : [`  ${shortened(detail, 400)}`]),
    ...(failure.remedy === "" ? [] : [`${paint.faint("↳")} ${oneLine(failure.remedy)}`]),
  ];
}

/** The line that says how to go on; none when nothing is left to do. */
export const hint = (next: string | undefined, paint: Paint): string[] =>
  next === undefined ? [] : [`${paint.faint("↳")} ${oneLine(next)}`];

/** JSON for a terminal that would obey control characters which JSON lets stand; on one line with indent 0. */
export const safeJson = (value: unknown, indent: 0 | 2 = 2): string =>
  JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
