/**
 * A journal's lines: `{line, time, type, data, prev}` in this order, `prev` the SHA-256 of the bytes of the line before. Here is
 * what one line looks like and which of a file's lines are a journal's, without touching the disk.
 */
import { checkJournalLine } from "../generated/registry.check.js";
import { explain, type JournalEvent, type RunEvent } from "../model/index.ts";
import { type JournalHead, noLine } from "./heads.ts";
import { type LineReader, parseLine, type Repair, type Scan, type Seen, scanLines, sha256 } from "./lines.ts";
import type { Head, JournalLine } from "./registry.schema.ts";

export type JournalScan = Scan<JournalEvent> & {
  /** Of the lines before a torn block. */
  readonly head: JournalHead;
};

export type NextLine = { readonly text: string; readonly event: JournalEvent; readonly head: JournalHead };

/** The line that follows `head`, with the event as it will be read back, so that a resumed run sees the very same. */
export function nextLine(
  head: JournalHead,
  event: RunEvent,
  at: { readonly run: string; readonly time: string },
): NextLine {
  const line = head.lines + 1;
  const text = JSON.stringify({ line, time: at.time, type: event.type, data: event.data, prev: head.sha256 });
  const back: unknown = JSON.parse(text);
  if (!checkJournalLine(back))
    throw new Error(`not a journal event: ${explain(checkJournalLine.errors ?? []).join("; ")}`);
  return { text, event: eventOf(back, at.run), head: { lines: line, sha256: sha256(text) } };
}

/** Reads a whole journal. Never throws for what it holds. */
export function scanJournal(bytes: Uint8Array, run: string): JournalScan {
  const scan = scanLines(bytes, chainReader(run));
  return { ...scan, head: headAt(scan, scan.torn === null ? scan.lines.length : scan.torn.line - 1) };
}

/** Count and hash as they were when the journal had so many lines. */
const headAt = (scan: Scan<unknown>, lines: number): JournalHead => {
  const last = scan.lines[lines - 1];
  return { lines, sha256: last === undefined ? noLine : sha256(last) };
};

/** How the journal differs from what the home knows, or undefined. More lines than the home knows are fine: it lags. */
export function differenceFrom(
  known: Head,
  scan: JournalScan,
): { kind: "cut" | "changed"; line: number; why: string } | undefined {
  const { lines } = scan.head;
  if (lines < known.lines) {
    return { kind: "cut", line: lines + 1, why: `${lines} whole lines are left of at least ${known.lines}` };
  }
  if (known.lines === 0 || headAt(scan, known.lines).sha256 === known.sha256) return undefined;
  return { kind: "changed", line: known.lines, why: "its hash is not the one that the home holds" };
}

function chainReader(run: string): LineReader<JournalEvent> {
  let expected = 0;
  return {
    repairBegins: (line) => `{"line":${line},"time":"####-##-##T##:##:##.###Z","type":"repaired"`,
    read({ bytes, before }): Seen<JournalEvent> {
      expected += 1;
      const input = parseLine(bytes);
      if (input === undefined) return { is: "bad", why: "not JSON", unparsable: true };
      if (!checkJournalLine(input)) return wrong(explain(checkJournalLine.errors ?? []).join("; "));
      const wanted = expected;
      // Counting goes on from what the line says, so that one missing line is one fault, not one for each that follows.
      expected = input.line;
      if (input.line !== wanted) return wrong(`it is numbered ${input.line}; line ${wanted} should stand here`);
      if (input.prev !== (before === undefined ? noLine : sha256(before))) {
        return wrong("its prev is not the hash of the line before; one of the two was changed");
      }
      const event = eventOf(input, run);
      return { is: "row", row: event, repairs: repairOf(event) };
    },
  };
}

const wrong = (why: string): Seen<never> => ({ is: "bad", why, unparsable: false });

const repairOf = (event: JournalEvent): Repair | null => (event.type === "repaired" ? event.data : null);

/** Types of events grow; one that a newer okstra wrote is handed on as it is, and folds over events ignore it. */
const eventOf = ({ line, time, type, data }: JournalLine, run: string): JournalEvent =>
  ({ type, data, run, line, time }) as unknown as JournalEvent;
