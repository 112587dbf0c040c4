/** Lines of a byte stream, as bytes: passed on whole, read only when they are not too long. Bounded in memory. Pure but for its state. */
import { longestLine } from "./protocol.ts";

export type LineParts = {
  /** Bytes to pass on: a whole line, or a part of one that is too long. */
  readonly pass: (bytes: Uint8Array) => void;
  /** A whole line, without its end. */
  readonly line: (text: string) => void;
};

export function lineReader(of: LineParts, most = longestLine): (chunk: Uint8Array) => void {
  let parts: Uint8Array[] = [];
  let size = 0;
  let tooLong = false;
  const end = (): void => {
    const whole = Buffer.concat(parts);
    parts = [];
    size = 0;
    of.pass(whole);
    if (!tooLong) of.line(whole.subarray(0, -1).toString("utf8"));
    tooLong = false;
  };
  return (chunk) => {
    let rest = chunk;
    while (rest.length > 0) {
      const at = rest.indexOf(0x0a);
      const piece = at === -1 ? rest : rest.subarray(0, at + 1);
      rest = rest.subarray(piece.length);
      parts.push(Buffer.from(piece));
      size += piece.length;
      if (at !== -1) end();
      else if (size > most) {
        tooLong = true;
        of.pass(Buffer.concat(parts));
        parts = [];
        size = 0;
      }
    }
  };
}
