/**
 * Puts frames on a terminal, below what stands there already. Each frame is one write, of the lines that changed alone; a terminal
 * that knows synchronised output shows it at once. The cursor is never hidden, no mode outlives a write: whatever ends the
 * process, the terminal is as it was. Between frames the cursor stands at the start of the line below the last one.
 *
 *   empty --show--> drawn --show--> drawn --lift--> lifted --(lower)--> drawn
 *                     '--finish--> empty
 */
import type { Canvas } from "../terminal.ts";
import { linesTaken, widthOf } from "../text.ts";

/** Synchronised, and a line that is wider than was reckoned is cut and not wrapped. */
const begin = "\u001b[?2026h\u001b[?7l";
const end = "\u001b[?7h\u001b[?2026l";
const clearLine = "\u001b[2K";
const clearRest = "\u001b[K";
const up = (lines: number): string => (lines === 0 ? "" : `\u001b[${lines}A`);
const down = (lines: number): string => (lines === 0 ? "" : `\u001b[${lines}B`);
/**
 * Empties this line and so many below it, and comes back. Not by "clear to the end of the screen": from the first line of the
 * screen, tmux takes that for a wish to keep what stood there in its history.
 */
const clearLines = (more: number): string => `${clearLine}${`${down(1)}${clearLine}`.repeat(more)}${up(more)}`;

export class Screen {
  readonly #canvas: Canvas;
  #shown: readonly string[] = [];
  #lifted = 0;

  constructor(canvas: Canvas) {
    this.#canvas = canvas;
  }

  /** Draws what differs from the last frame, or all of it; nothing while it is lifted. */
  show(lines: readonly string[], whole = false): void {
    if (this.#lifted > 0) return;
    const changes = difference({ old: this.#shown, lines, whole, columns: this.#canvas.size().columns });
    // What was typed meanwhile stands on the line of the cursor.
    if (changes !== "") this.#canvas.put(`${begin}\r${clearLine}${changes}${end}`);
    this.#shown = lines;
  }

  /** Takes the frame away, for others to write; what it returns puts it back. */
  lift(): () => void {
    const lines = this.#shown;
    this.#lifted += 1;
    this.erase();
    return () => {
      this.#lifted -= 1;
      this.show(lines);
    };
  }

  /** The last lines; they stay. */
  finish(lines: readonly string[]): void {
    this.#lifted = 0;
    this.erase();
    if (lines.length > 0) this.#canvas.put(lines.map((line) => `${line}\n`).join(""));
  }

  /** Others wrote where the frame stood: the next one is drawn anew below. */
  forget(): void {
    this.#shown = [];
  }

  /** Takes the frame away, also from a terminal that has another width now and has wrapped what became too wide. */
  erase(): void {
    if (this.#shown.length === 0) return;
    const { columns } = this.#canvas.size();
    const height = this.#shown.reduce((all, line) => all + linesTaken(line, columns), 0);
    this.#canvas.put(`\r${up(height)}${clearLines(height)}`);
    this.#shown = [];
  }
}

type Step = {
  readonly old: readonly string[];
  readonly lines: readonly string[];
  readonly whole: boolean;
  readonly columns: number;
};

/** From the line below the old lines to the line below the new ones; empty when nothing is to be written. */
function difference({ old, lines, whole, columns }: Step): string {
  const changed = (index: number): boolean => whole || lines[index] !== old[index];
  const first = lines.findIndex((_, index) => changed(index));
  if (first === -1 && old.length === lines.length) return "";
  const from = first === -1 ? lines.length : first;
  let text = up(old.length - Math.min(from, old.length));
  let same = 0;
  for (const [index, line] of lines.slice(from).entries()) {
    if (changed(from + index)) {
      text += `${down(same)}${lineOver(line, columns)}\r\n`;
      same = 0;
    } else same += 1;
  }
  const left = old.length - lines.length;
  return `${text}${down(same)}${left > 0 ? clearLines(left) : ""}`;
}

/** A line written over another without a moment of nothing between them. At the last column, clearing "the rest" would take its end. */
const lineOver = (line: string, columns: number): string =>
  widthOf(line) < columns ? `${line}${clearRest}` : `${clearLine}${line}`;
