/**
 * Bytes on their way to a log, with keys taken out: whole lines at a time, since a key may be split over two chunks. What holds no
 * key passes byte for byte, bad UTF-8 included. Of a line longer than the limit, all but its end passes on early.
 */
const newline = 0x0a;
/** Held back of a part that passes early, so that a key that is not yet whole is seen when it is. */
const edge = 8 << 10;
const mostHeld = 256 << 10;

export type RedactedLog = {
  /** What may be written now. */
  push(chunk: Buffer): Buffer;
  /** The rest. */
  end(): Buffer;
};

export function redactedLog(redact: (text: string) => string): RedactedLog {
  let held: Buffer[] = [];
  let heldBytes = 0;
  const hold = (bytes: Buffer): void => {
    held = [bytes];
    heldBytes = bytes.length;
  };
  /** All but the last bytes. Cleaned as a whole first, so that no key lies across the cut. */
  const take = (keep: number): Buffer => {
    const all = clean(Buffer.concat(held, heldBytes), redact);
    hold(Buffer.from(all.subarray(all.length - keep)));
    return all.subarray(0, all.length - keep);
  };
  const takeLines = (unfinished: number): Buffer => {
    const all = Buffer.concat(held, heldBytes);
    hold(Buffer.from(all.subarray(all.length - unfinished)));
    return clean(all.subarray(0, all.length - unfinished), redact);
  };
  return {
    push(chunk) {
      held.push(chunk);
      heldBytes += chunk.length;
      const last = chunk.lastIndexOf(newline);
      if (last >= 0) return takeLines(chunk.length - last - 1);
      return heldBytes > mostHeld ? take(edge) : Buffer.alloc(0);
    },
    end: () => take(0),
  };
}

function clean(bytes: Buffer, redact: (text: string) => string): Buffer {
  const text = bytes.toString("utf8");
  const cleaned = redact(text);
  return cleaned === text ? bytes : Buffer.from(cleaned);
}
