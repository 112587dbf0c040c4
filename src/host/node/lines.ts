/**
 * Cuts a byte stream into lines. Lines are found on bytes and decoded one by one, so a character split between two chunks
 * comes out whole; bad bytes become U+FFFD. Of a line longer than the limit only the limit is ever held.
 */
import type { Line } from "../processes.ts";

const newline = 0x0a;
const carriageReturn = 0x0d;

export type LineCutter = {
  push(chunk: Buffer): void;
  /** Hands on what follows the last newline. */
  end(): void;
};

export function lineCutter(maxLineBytes: number, onLine: (line: Line) => void): LineCutter {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let cut = false;
  const hold = (piece: Buffer): void => {
    const room = maxLineBytes - heldBytes;
    if (piece.length > room) cut = true;
    if (room <= 0 || piece.length === 0) return;
    // Copied: a slice would keep the whole chunk of the stream alive.
    const kept = Buffer.from(piece.subarray(0, room));
    held.push(kept);
    heldBytes += kept.length;
  };
  const flush = (): void => {
    const line = { text: decode(Buffer.concat(held, heldBytes), cut), cut };
    held = [];
    heldBytes = 0;
    cut = false;
    onLine(line);
  };
  const take = (piece: Buffer): void => {
    const isWhole = heldBytes === 0 && !cut && piece.length <= maxLineBytes;
    // Most lines lie within one chunk, and need no copy.
    if (isWhole) onLine({ text: decode(piece, false), cut: false });
    else {
      hold(piece);
      flush();
    }
  };
  return {
    push(chunk) {
      let start = 0;
      for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, start)) {
        take(chunk.subarray(start, at));
        start = at + 1;
      }
      hold(chunk.subarray(start));
    },
    end() {
      if (heldBytes > 0 || cut) flush();
    },
  };
}

function decode(bytes: Buffer, cut: boolean): string {
  const end = !cut && bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
  return bytes.toString("utf8", 0, end);
}
