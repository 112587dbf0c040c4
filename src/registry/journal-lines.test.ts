import fc from "fast-check";
import { expect, test } from "vitest";
import type { JournalEvent, RunEvent } from "../model/index.ts";
import { type JournalHead, noLine } from "./heads.ts";
import { differenceFrom, nextLine, scanJournal } from "./journal-lines.ts";
import { repairOf } from "./lines.ts";
import type { Head } from "./registry.schema.ts";

const at = { run: "p/g/t@implementation.stage-1#001", time: "2026-11-21T00:00:00.000Z" };

function journalOf(events: readonly RunEvent[]): { bytes: Buffer; events: JournalEvent[]; head: JournalHead } {
  let head: JournalHead = { lines: 0, sha256: noLine };
  const texts: string[] = [];
  const written: JournalEvent[] = [];
  for (const event of events) {
    const next = nextLine(head, event, at);
    texts.push(`${next.text}\n`);
    written.push(next.event);
    head = next.head;
  }
  return { bytes: Buffer.from(texts.join("")), events: written, head };
}

const anEvent = fc
  .record({ key: fc.string({ unit: "grapheme" }), value: fc.jsonValue() })
  .map((data): RunEvent => ({ type: "fact", data }));
const aJournal = fc.array(anEvent, { minLength: 1, maxLength: 12 }).map(journalOf);
const scan = (bytes: Uint8Array) => scanJournal(bytes, at.run);
const known = (head: JournalHead): Head => ({
  schemaVersion: 1,
  run: at.run,
  ended: false,
  approvalSha256: null,
  ...head,
});

test("a line is its keys in order, chained by the hash of the bytes before", () => {
  const { bytes } = journalOf([
    { type: "step.started", data: { step: "intake" } },
    { type: "step.completed", data: { step: "intake" } },
  ]);
  expect(bytes.toString()).toBe(
    `{"line":1,"time":"2026-11-21T00:00:00.000Z","type":"step.started","data":{"step":"intake"},"prev":"${"0".repeat(64)}"}\n` +
      '{"line":2,"time":"2026-11-21T00:00:00.000Z","type":"step.completed","data":{"step":"intake"},' +
      '"prev":"a303592d8eb0f1cb0dc14acdd604d0de9b0c2dcdc05d1c3245b053e4ac87dd74"}\n',
  );
});

test("what is written is read back, with the head", () => {
  fc.assert(
    fc.property(aJournal, ({ bytes, events, head }) => {
      expect(scan(bytes)).toMatchObject({ rows: events, bad: [], torn: null, head });
    }),
  );
});

test("what JSON cannot hold is dropped at once, not at the next reading", () => {
  const { events } = journalOf([
    { type: "fact", data: { key: "k", value: { kept: 1, lost: undefined, odd: Number.NaN } } },
  ]);
  expect(events[0]?.data).toEqual({ key: "k", value: { kept: 1, odd: null } });
});

test("a journal cut anywhere keeps its whole lines; the rest is a torn end; the home's head tells", () => {
  fc.assert(
    fc.property(aJournal, fc.nat(), ({ bytes, events, head }, where) => {
      const cut = where % bytes.length;
      const left = bytes.subarray(0, cut);
      const whole = left.filter((byte) => byte === 0x0a).length;
      const seen = scan(left);
      expect(seen.rows).toEqual(events.slice(0, whole));
      expect(seen.bad).toEqual([]);
      expect(Buffer.from(seen.torn?.bytes ?? [])).toEqual(left.subarray(left.lastIndexOf(0x0a) + 1));
      expect(differenceFrom(known(head), seen)).toMatchObject({ kind: "cut", line: whole + 1 });
    }),
  );
});

test("no flipped byte changes an event unseen: a bad line, a torn end, or against the head", () => {
  fc.assert(
    fc.property(aJournal, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ bytes, events, head }, where, change) => {
      const flipped = Buffer.from(bytes);
      const index = where % bytes.length;
      flipped[index] = (flipped[index] ?? 0) ^ change;
      const line = bytes.subarray(0, index).filter((byte) => byte === 0x0a).length + 1;
      const seen = scan(flipped);
      const difference = differenceFrom(known(head), seen);
      expect(seen.bad.length > 0 || difference !== undefined).toBe(true);
      // Without the home only the last line can be touched unseen; all before it are as they were or the journal is refused.
      if (seen.bad.length === 0)
        expect(seen.rows.slice(0, events.length - 1)).toEqual(
          events.slice(0, seen.rows.length).slice(0, events.length - 1),
        );
      if (line < events.length) expect(seen.bad[0]?.line).toBeGreaterThanOrEqual(line);
      if (line < events.length) expect(seen.bad[0]?.line).toBeLessThanOrEqual(line + 1);
    }),
    { numRuns: 500 },
  );
});

test("a line taken out, or two that change places, are named once", () => {
  const { bytes } = journalOf(
    ["a", "b", "c", "d", "e"].map((step): RunEvent => ({ type: "step.started", data: { step } })),
  );
  const lines = bytes.toString().trimEnd().split("\n");
  const of = (...order: number[]) => scan(Buffer.from(order.map((index) => `${lines[index]}\n`).join(""))).bad;
  expect(of(0, 1, 3, 4)).toEqual([{ line: 3, why: "it is numbered 4; line 3 should stand here" }]);
  expect(of(0, 2, 1, 3, 4).map(({ line }) => line)).toEqual([2, 3, 4]);
  expect(of(1, 2).map(({ line }) => line)).toEqual([1]);
});

const repairedAfter = (left: Buffer): Buffer => {
  const { torn, lines } = scan(left);
  if (torn === null) throw new Error("not torn");
  const ended = Buffer.concat([left, Buffer.from(torn.ended ? "" : "\n")]);
  const last = ended.subarray(0, -1);
  const head = {
    lines: lines.length + (torn.ended ? 0 : 1),
    sha256: journalHash(last.subarray(last.lastIndexOf(0x0a) + 1)),
  };
  return Buffer.concat([
    ended,
    Buffer.from(`${nextLine(head, { type: "repaired", data: repairOf(torn) }, at).text}\n`),
  ]);
};
const journalHash = (line: Buffer): string => repairOf({ line: 1, bytes: line, ended: true }).sha256;

test("a torn line is void once repaired, also when only its newline was missing; the count goes on", () => {
  fc.assert(
    fc.property(aJournal, fc.nat(), ({ bytes, events }, where) => {
      const cut = (where % (bytes.length - 1)) + 1;
      const left = bytes.subarray(0, cut);
      fc.pre(left.at(-1) !== 0x0a);
      const whole = left.filter((byte) => byte === 0x0a).length;
      const seen = scan(repairedAfter(left));
      expect(seen).toMatchObject({ bad: [], torn: null });
      expect(seen.rows.slice(0, -1)).toEqual(events.slice(0, whole));
      expect(seen.rows.at(-1)).toMatchObject({
        type: "repaired",
        line: whole + 2,
        data: { bytes: left.length - left.lastIndexOf(0x0a) - 1 },
      });
    }),
  );
});

test("a repairing record that was torn too, again and again, goes with the line it was for", () => {
  const { bytes, events } = journalOf(
    ["a", "b", "c"].map((step): RunEvent => ({ type: "step.started", data: { step } })),
  );
  let left = bytes.subarray(0, -9);
  for (const lost of [40, 3, 90]) {
    const repaired = repairedAfter(left);
    expect(scan(repaired).bad).toEqual([]);
    left = repaired.subarray(0, -lost);
    expect(scan(left)).toMatchObject({ bad: [], rows: events.slice(0, 2), head: { lines: 2 } });
  }
  const seen = scan(repairedAfter(left));
  expect(seen).toMatchObject({ bad: [], torn: null });
  expect(seen.rows.map(({ type, line }) => `${line} ${type}`)).toEqual([
    "1 step.started",
    "2 step.started",
    "7 repaired",
  ]);
});

test("a bad line that no repaired record names is bad wherever it stands", () => {
  const { bytes } = journalOf(["a", "b"].map((step): RunEvent => ({ type: "step.started", data: { step } })));
  const repaired = repairedAfter(bytes.subarray(0, -9)).toString();
  const touched = scan(Buffer.from(repaired.replace('"line":2', '"line":3')));
  expect(touched.bad.map(({ line }) => line)).toContain(3);
  const twoBad = scan(Buffer.concat([bytes, Buffer.from("garbage\nmore garbage\n")]));
  expect(twoBad.bad).toMatchObject([{ line: 3, why: "not JSON" }]);
  expect(twoBad.torn).toMatchObject({ line: 4, ended: true });
});
