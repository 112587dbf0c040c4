/**
 * Text of other people, agents and files, made safe to look at. A control character, an invisible one or one that turns the
 * writing direction could hide or forge what a reader sees, so each is shown by its number: ⟨U+001B⟩.
 */

/** Control and format characters but tab, newline and the two joiners that scripts and emoji need; lone surrogates. */
const unseen = /(?![\t\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/gu;
/** Most texts: a report has thousands, and nothing in them to hide. */
const plain = /^[\t\n -~]*$/;
const lineEnds = /\r\n?|[\u0085\u2028\u2029]/g;

/** The text with plain newlines and nothing invisible; lines are kept. */
export const visible = (text: string): string =>
  plain.test(text) ? text : text.replace(lineEnds, "\n").replace(unseen, numbered);

/** The same on one line: every run of white space is one space. */
export const oneLine = (text: string): string => folded(text).trim();

/** The same, with the space at its ends: the text may stand between two others. */
export const folded = (text: string): string =>
  /^[ -~]*$/.test(text) && !text.includes("  ") ? text : visible(text).replace(/\s+/g, " ");

/** One line of at most `most` characters, an ellipsis where it was cut. */
export function shortened(text: string, most: number): string {
  const line = oneLine(text);
  if (line.length <= most) return line;
  const letters = [...line];
  return letters.length <= most ? letters.join("") : `${letters.slice(0, most - 1).join("")}…`;
}

function numbered(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}
