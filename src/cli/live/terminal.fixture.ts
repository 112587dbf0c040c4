/**
 * A terminal in memory, as far as the live view needs one: it understands what the screen writes, scrolls, and wraps lines anew
 * when its width changes, as terminals of today do.
 */
import type { Canvas } from "../terminal.ts";

type Line = { letters: string[]; wrapped: boolean };

export type FakeTerminal = Canvas & {
  /** All lines, those that were scrolled away too; without blanks at the end. */
  lines(): string[];
  /** As anybody else would write to it. */
  print(text: string): void;
  resize(columns: number, rows: number): void;
  tell(what: "resized" | "stopping" | "continued"): void;
  readonly writes: string[];
};

export function fakeTerminal(columns: number, rows: number, letterWidth: (letter: string) => number): FakeTerminal {
  const size = { columns, rows };
  let lines: Line[] = [{ letters: [], wrapped: false }];
  let [row, column, wraps] = [0, 0, true];
  let lift: (() => () => void) | undefined;
  const listeners = new Set<(what: "resized" | "stopping" | "continued") => void>();
  const writes: string[] = [];

  const lineAt = (index: number): Line => {
    while (lines.length <= index) lines.push({ letters: [], wrapped: false });
    return lines[index] ?? { letters: [], wrapped: false };
  };
  const top = (): number => Math.max(0, lines.length - size.rows);
  const put = (letter: string): void => {
    const width = letterWidth(letter);
    if (column + width > size.columns) {
      if (!wraps) return;
      lineAt(row).wrapped = true;
      row += 1;
      column = 0;
    }
    const { letters } = lineAt(row);
    while (letters.length < column) letters.push(" ");
    if (width === 0) letters[column - 1] = (letters[column - 1] ?? "") + letter;
    else letters.splice(column, width, letter, ...(width === 2 ? [""] : []));
    column += width;
  };
  const obey = (code: string, number: number): void => {
    if (code === "A") row = Math.max(top(), row - number);
    else if (code === "B") row = Math.min(lines.length - 1, row + number);
    else if (code === "K") {
      lineAt(row).letters.length = number === 2 ? 0 : Math.min(column, lineAt(row).letters.length);
      lineAt(row).wrapped = false;
    } else if (code !== "m") throw new Error(`this terminal does not know ${code}`);
  };
  const feed = (text: string): void => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character starts what a terminal obeys
    for (const part of text.matchAll(/\u001b\[(\??)(\d*)([A-Za-z])|([\s\S])/gu)) {
      const [, mode, number, code = "", letter] = part;
      if (mode === "?" && number === "7") wraps = code === "h";
      else if (mode === "?" && number === "2026") continue;
      else if (code !== "") obey(code, Number(number === "" ? 1 : number));
      else if (letter === "\r") column = 0;
      else if (letter === "\n") {
        row += 1;
        column = 0;
        lineAt(row);
      } else if (letter !== undefined) put(letter);
    }
  };
  const resize = (width: number, height: number): void => {
    const whole: { letters: string[]; cursor: number | undefined }[] = [];
    let joined = false;
    lines.forEach(({ letters, wrapped }, index) => {
      const last = whole.at(-1);
      const before = joined && last !== undefined ? last : { letters: [], cursor: undefined };
      if (before !== last) whole.push(before);
      if (index === row) before.cursor = before.letters.length + column;
      before.letters.push(...letters);
      joined = wrapped;
    });
    Object.assign(size, { columns: width, rows: height });
    const at = { row: 0, column: 0 };
    lines = [];
    for (const { letters, cursor } of whole) {
      row = lines.length;
      column = 0;
      lineAt(row);
      letters.forEach((letter, index) => {
        if (index === cursor) Object.assign(at, { row, column });
        if (letter !== "") put(letter);
      });
      if (cursor !== undefined && cursor >= letters.length)
        Object.assign(at, { row, column: cursor - letters.length + column });
      wraps = true;
    }
    [row, column] = [at.row, at.column];
  };

  return {
    writes,
    size: () => ({ ...size }),
    put(text) {
      writes.push(text);
      feed(text);
    },
    isBehind: () => false,
    onChange(call) {
      listeners.add(call);
      return () => listeners.delete(call);
    },
    cover(by) {
      lift = by;
    },
    print(text) {
      const lower = lift?.();
      feed(text);
      lower?.();
    },
    resize,
    tell(what) {
      for (const call of listeners) call(what);
    },
    lines() {
      const texts = lines.map(({ letters }) => letters.join("").trimEnd());
      while (texts.at(-1) === "") texts.pop();
      return texts;
    },
  };
}
