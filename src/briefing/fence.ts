/**
 * Text of users, agents and files inside a prompt. It stands between two lines with a mark that does not occur in it, so that no
 * text can end its own block and go on as an instruction; prompts/shared/data.md says so to the reader.
 */
import { createHash } from "node:crypto";
import { visible } from "../report/index.ts";

/** The text as a block. The same name and text give the same bytes; invisible characters are shown by number. */
export function fenced(name: string, text: string): string {
  const shown = visible(text).replace(/\n+$/, "");
  const mark = markFor(name, shown);
  return `<<<DATA ${name} ${mark}\n${shown}\nDATA ${name} ${mark}>>>`;
}

/** Nobody can write the hash of a text into that text; should it happen all the same, the next one is taken. */
function markFor(name: string, text: string): string {
  for (let salt = 0; ; salt++) {
    const mark = createHash("sha256").update(`${salt}\n${name}\n${text}`).digest("hex").slice(0, 16);
    if (!text.includes(mark)) return mark;
  }
}
