/** Whether a file's bytes are text that somebody wrote. Pure. */

/** As much of it as git looks at. */
const looked = 8_000;

/**
 * Text has no NUL where git looks for one. One that has a few, and else is UTF-8, is text too: a NUL in a comment must not hide a
 * source file from those who check it.
 */
export function isText(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, looked);
  if (!head.includes(0)) return true;
  if (head.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0) * 20 > head.length) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
