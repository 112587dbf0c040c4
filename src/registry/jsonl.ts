/**
 * Append-only files of rows: ledger, clarifications, run index. A row is one line, written at once by whoever holds the
 * file's lock; what a kill tore is void (lines.ts) and named by a `repaired` row, and nothing is ever rewritten.
 */
import { checkRepairedRow } from "../generated/registry.check.js";
import type { Host } from "../host/index.ts";
import { type Check, Fault, fault, parse, schemaVersion } from "../model/index.ts";
import { type LineReader, parseLine, repairOf, type Scan, type Seen, scanLines, type Torn } from "./lines.ts";

export type RowFile<T> = {
  readonly path: string;
  /** What a row is called in messages. */
  readonly what: string;
  readonly check: Check<T>;
  /** Whether a row survives a power cut once it is appended; projections need not. */
  readonly durable: boolean;
  /** How to go on when a row is malformed; without it, by hand. */
  readonly remedy?: string;
};

/** The rows that count, oldest first; none when there is no file. Throws `malformed` with the line, or `newer-version`. */
export async function readRows<T>(host: Host, file: RowFile<T>): Promise<T[]> {
  const bytes = await host.files.readBytes(file.path);
  return bytes === undefined ? [] : rowsOf(scanRows(bytes, file), file);
}

/** The rows that can be read, whatever stands between them. */
export async function readableRows<T>(host: Host, file: RowFile<T>): Promise<T[]> {
  const bytes = await host.files.readBytes(file.path);
  return bytes === undefined ? [] : real(scanRows(bytes, file));
}

/** Appends a row; first ends and names what a kill left. The caller holds the file's lock. */
export async function appendRow<T>(host: Host, file: RowFile<T>, row: T): Promise<void> {
  if (!file.check(row)) {
    throw new Error(`not a ${file.what}: ${JSON.stringify(row)} ${JSON.stringify(file.check.errors)}`);
  }
  if (await endsBadly(host, file.path)) await repair(host, file);
  await host.files.appendLine(file.path, JSON.stringify(row), { durable: file.durable });
}

/** The newest rows, oldest first: at least `wanted` where there are so many. Reads no more of the file than that takes. */
export async function readNewestRows<T>(
  host: Host,
  file: RowFile<T>,
  wanted: number,
): Promise<{ rows: T[]; all: boolean }> {
  for (let size = 65_536; ; size *= 4) {
    const tail = await host.files.readTail(file.path, size);
    if (tail === undefined) return { rows: [], all: true };
    if (tail.length < size) return { rows: rowsOf(scanRows(tail, file), file), all: true };
    // The first line is cut. A fault here may come of that; then the whole file tells.
    const seen = scanRows(tail.subarray(tail.indexOf(newline) + 1), file);
    if (seen.bad.length === 0 && seen.rows.length >= wanted) return { rows: real(seen), all: false };
  }
}

const newline = 0x0a;

/** A row, or null for a `repaired` record. */
type Row<T> = T | null;

const scanRows = <T>(bytes: Uint8Array, file: RowFile<T>): Scan<Row<T>> => scanLines(bytes, readerOf(file));

function rowsOf<T>(scan: Scan<Row<T>>, file: RowFile<T>): T[] {
  const first = scan.bad[0];
  if (first === undefined) return real(scan);
  if (first.cause instanceof Fault && first.cause.failure.reason !== "malformed") throw first.cause;
  const where = `${file.path}:${first.line}`;
  const remedy = file.remedy ?? `Correct ${where} or restore the file from a copy, then run the command again`;
  throw fault("malformed", `${where} is not a valid ${file.what}: ${first.why}`, remedy, {
    path: file.path,
    line: first.line,
    what: file.what,
  });
}

const real = <T>(scan: Scan<Row<T>>): T[] => scan.rows.filter((row) => row !== null);

function readerOf<T>(file: RowFile<T>): LineReader<Row<T>> {
  return {
    repairBegins: () => JSON.stringify({ schemaVersion, repaired: {} }).slice(0, -2),
    read({ bytes, number }): Seen<Row<T>> {
      const input = parseLine(bytes);
      if (input === undefined) return { is: "bad", why: "not JSON", unparsable: true };
      if (checkRepairedRow(input)) return { is: "row", row: null, repairs: input.repaired };
      try {
        return { is: "row", row: parse(file.check, input, file.what, `${file.path}:${number}`), repairs: null };
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown;
        return { is: "bad", why: whyOf(thrown), unparsable: false, cause: thrown };
      }
    },
  };
}

function whyOf(thrown: Fault): string {
  const problems = thrown.failure.details?.["problems"];
  return Array.isArray(problems) ? problems.join("; ") : thrown.message;
}

/** Whether the last line lacks its newline or is not JSON, as far as its end tells. */
async function endsBadly(host: Host, path: string): Promise<boolean> {
  const size = 16_384;
  const tail = await host.files.readTail(path, size);
  if (tail === undefined || tail.length === 0) return false;
  if (tail.at(-1) !== newline) return true;
  const start = tail.lastIndexOf(newline, tail.length - 2) + 1;
  return (start === 0 && tail.length === size) || parseLine(tail.subarray(start, -1)) === undefined;
}

async function repair<T>(host: Host, file: RowFile<T>): Promise<void> {
  const bytes = (await host.files.readBytes(file.path)) ?? new Uint8Array();
  const { torn } = scanRows(bytes, file);
  if (torn === null) return;
  await endLine(host, file.path, torn);
  await host.files.appendLine(file.path, JSON.stringify({ schemaVersion, repaired: repairOf(torn) }));
}

/** Gives a torn last line its newline. */
export async function endLine(host: Host, path: string, torn: Torn): Promise<void> {
  if (!torn.ended) await host.files.appendLine(path, "");
}
