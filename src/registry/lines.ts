/**
 * Files of JSON lines as bytes: which lines count. A line counts once its newline is written. What a kill or a full disk may
 * leave is a torn block at the very end: a last line without its newline, or one that does not parse. The next writer ends it
 * and appends a record that names the block's bytes and hash; only such a block is void, any other bad line is a fault.
 */
import { Buffer, isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";

/** What a `repaired` record says of the block that stands before it. */
export type Repair = { readonly sha256: string; readonly bytes: number };

/** A line as its reader understands it; `unparsable` when it is not even JSON, as a torn one is. */
export type Seen<T> =
  | { readonly is: "row"; readonly row: T; readonly repairs: Repair | null }
  | { readonly is: "bad"; readonly why: string; readonly unparsable: boolean; readonly cause?: unknown };

export type BadLine = { readonly line: number; readonly why: string; readonly cause?: unknown };

/** The block at the end that nobody may count; `ended`: its newline is there. `line` counts from 1. */
export type Torn = { readonly line: number; readonly bytes: Uint8Array; readonly ended: boolean };

export type Scan<T> = {
  /** Lines with their newline, a torn block's among them. */
  readonly lines: readonly Uint8Array[];
  readonly rows: readonly T[];
  readonly bad: readonly BadLine[];
  readonly torn: Torn | null;
};

/** How a file's lines are read, and how a `repaired` record in it begins (`#` stands for any digit). */
export type LineReader<T> = {
  read(line: { readonly bytes: Uint8Array; readonly number: number; readonly before: Uint8Array | undefined }): Seen<T>;
  repairBegins(number: number): string;
};

export const sha256 = (content: Uint8Array | string): string => createHash("sha256").update(content).digest("hex");

export const repairOf = (torn: Torn): Repair => ({ sha256: sha256(torn.bytes), bytes: torn.bytes.length });

/** Reads a whole file. Never throws for what it holds. */
export function scanLines<T>(bytes: Uint8Array, reader: LineReader<T>): Scan<T> {
  const { lines, tail } = splitLines(bytes);
  const seen = lines.map((line, index) => reader.read({ bytes: line, number: index + 1, before: lines[index - 1] }));
  const isVoid = new Set<number>();
  for (const [index, each] of seen.entries()) {
    if (each.is === "bad" || each.repairs === null) continue;
    const from = blockStart(lines, index, each.repairs);
    if (from === undefined) {
      seen[index] = { is: "bad", why: "it repairs a line that does not stand before it", unparsable: false };
    } else for (let voided = from; voided < index; voided++) isVoid.add(voided);
  }
  const from = tornFrom({ lines, tail, seen, isVoid, reader });
  const counted = seen
    .map((each, index) => ({ each, index }))
    .filter(({ index }) => index < from && !isVoid.has(index));
  return {
    lines,
    rows: counted.flatMap(({ each }) => (each.is === "row" ? [each.row] : [])),
    bad: counted.flatMap(({ each, index }) =>
      each.is === "bad" ? [{ line: index + 1, why: each.why, cause: each.cause }] : [],
    ),
    torn: tornAt(lines, tail, from),
  };
}

/** The JSON value of a line, or undefined when it is not JSON in UTF-8. */
export function parseLine(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) return undefined;
  try {
    return JSON.parse(textOf(bytes));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

const newline = 0x0a;

function splitLines(bytes: Uint8Array): { lines: Uint8Array[]; tail: Uint8Array } {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return { lines, tail: bytes.subarray(start) };
}

/** Index of the first of the lines before `index` that together are the block named, or undefined. */
function blockStart(lines: readonly Uint8Array[], index: number, repair: Repair): number | undefined {
  let length = -1;
  for (let from = index - 1; from >= 0 && length < repair.bytes; from--) {
    length += (lines[from]?.length ?? 0) + 1;
    if (length === repair.bytes && sha256(joined(lines.slice(from, index))) === repair.sha256) return from;
  }
  return undefined;
}

type Parts<T> = {
  readonly lines: readonly Uint8Array[];
  readonly tail: Uint8Array;
  readonly seen: readonly Seen<T>[];
  readonly isVoid: ReadonlySet<number>;
  readonly reader: LineReader<T>;
};

/**
 * Where the torn block begins, as an index into lines; their number when there is none or it is the tail alone. A disk that
 * stays full can tear the repairing record as well, so what looks like one takes the torn line before it along.
 */
function tornFrom<T>({ lines, tail, seen, isVoid, reader }: Parts<T>): number {
  const unparsable = (index: number): boolean => {
    const line = seen[index];
    return line !== undefined && line.is === "bad" && line.unparsable && !isVoid.has(index);
  };
  let from = tail.length > 0 ? lines.length : lines.length - 1;
  if (tail.length === 0 && !unparsable(from)) return lines.length;
  const beginsRepair = (index: number): boolean => looksLike(lines[index] ?? tail, reader.repairBegins(index + 1));
  while (from > 0 && unparsable(from - 1) && beginsRepair(from)) from--;
  return from;
}

function tornAt(lines: readonly Uint8Array[], tail: Uint8Array, from: number): Torn | null {
  const ended = tail.length === 0;
  if (from === lines.length && ended) return null;
  const parts = ended ? lines.slice(from) : [...lines.slice(from), tail];
  return { line: from + 1, bytes: joined(parts), ended };
}

function joined(lines: readonly Uint8Array[]): Uint8Array {
  const parts = lines.flatMap((line, index) => (index === 0 ? [line] : [Uint8Array.of(newline), line]));
  return Buffer.concat(parts);
}

/** Whether a line, not empty, is the beginning of the text, or begins with it. */
function looksLike(line: Uint8Array, begins: string): boolean {
  const text = textOf(line.subarray(0, begins.length));
  return (
    text !== "" &&
    [...text].every((letter, index) => (begins[index] === "#" ? /\d/.test(letter) : begins[index] === letter))
  );
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
