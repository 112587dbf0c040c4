import fc from "fast-check";
import { expect, test } from "vitest";
import type { Line } from "../processes.ts";
import { lineCutter } from "./lines.ts";

function cut(chunks: readonly Uint8Array[], limit = 1000): Line[] {
  const lines: Line[] = [];
  const cutter = lineCutter(limit, (line) => lines.push(line));
  for (const chunk of chunks) cutter.push(Buffer.from(chunk));
  cutter.end();
  return lines;
}
const texts = (lines: readonly Line[]): string[] => lines.map((line) => line.text);

test("however the bytes arrive, the lines are the same", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "\n", "é", "나", "😀", "\r\n", " ") });
  fc.assert(
    fc.property(text, fc.array(fc.nat(40)), (whole, cuts) => {
      const bytes = Buffer.from(whole);
      const places = [...cuts.map((at) => Math.min(at, bytes.length)).sort((a, b) => a - b), bytes.length];
      const chunks = places.map((end, index) => bytes.subarray(places[index - 1] ?? 0, end));
      expect(texts(cut(chunks))).toEqual(texts(cut([bytes])));
      const expected = whole.split("\n").map((line) => line.replace(/\r$/, ""));
      if (!whole.endsWith("\r"))
        expect([...texts(cut([bytes])), ...(whole.endsWith("\n") || whole === "" ? [""] : [])]).toEqual(expected);
    }),
  );
});

test("bad bytes become replacement characters, half a character at the end too", () => {
  expect(texts(cut([Buffer.from([0x61, 0xff, 0x62, 0x0a, 0xe2, 0x82])]))).toEqual(["a\ufffdb", "\ufffd"]);
});

test("a long line is cut at the limit, marked, and the next one is whole", () => {
  const chunks = Array.from({ length: 50 }, () => Buffer.alloc(100, "x"));
  const lines = cut([...chunks, Buffer.from("\nnext\n")], 250);
  expect(lines).toEqual([
    { text: "x".repeat(250), cut: true },
    { text: "next", cut: false },
  ]);
  expect(cut([Buffer.from("12345\n")], 5)).toEqual([{ text: "12345", cut: false }]);
  expect(cut([Buffer.from("123456")], 5)).toEqual([{ text: "12345", cut: true }]);
});

test("empty lines are lines; an empty rest is none", () => {
  expect(texts(cut([Buffer.from("\n\na\n")]))).toEqual(["", "", "a"]);
  expect(cut([])).toEqual([]);
});
