import fc from "fast-check";
import { expect, test } from "vitest";
import { ansiPaint, noPaint } from "./paint.ts";
import { clipped, columns, durationOf, failureLines, linesTaken, minuteOf, padded, safeJson, widthOf } from "./text.ts";

test("columns are aligned also with wide letters and colours", () => {
  expect(widthOf("가a")).toBe(3);
  expect(widthOf("e\u0301")).toBe(1);
  expect(widthOf(ansiPaint.bad("ab"))).toBe(2);
  expect(padded("가", 4)).toBe("가  ");
  expect(
    columns([
      ["a", "b"],
      ["가나", "c"],
      ["d", ""],
    ]),
  ).toEqual(["a     b", "가나  c", "d"]);
});

test("no terminal takes more columns than are reckoned", () => {
  expect(["✅", "⚡", "❤️", "1️⃣", "🇰🇷", "ｶ", "Ａ", "ㄱ", "각", "…", "●"].map(widthOf)).toEqual([
    2, 2, 2, 2, 4, 1, 2, 2, 2, 1, 1,
  ]);
});

test("what is clipped is as wide as said at most, and begins as it began", () => {
  const text = fc
    .array(fc.constantFrom("a", " ", "가", "漢", "e\u0301", "✅"), { maxLength: 30 })
    .map((all) => all.join(""));
  fc.assert(
    fc.property(text, fc.nat(40), (whole, width) => {
      const cut = clipped(whole, width);
      expect(widthOf(cut)).toBeLessThanOrEqual(width);
      expect(whole.startsWith(cut.replace(/…$/, ""))).toBe(true);
      expect(cut === whole).toBe(widthOf(whole) <= width);
    }),
  );
  expect([clipped("가나다", 4), clipped("가나다", 5), clipped("ab", 1), clipped("ab", 0)]).toEqual([
    "가…",
    "가나…",
    "…",
    "",
  ]);
  expect([linesTaken("", 3), linesTaken("abc", 3), linesTaken("abcd", 3), linesTaken("가나", 3)]).toEqual([1, 1, 2, 2]);
});

test("a failure has at most three lines, whatever its message holds", () => {
  const text = fc.string({ unit: "binary", maxLength: 400 });
  fc.assert(
    fc.property(text, text, (message, remedy) => {
      const lines = failureLines({ reason: "failed", message, remedy }, noPaint);
      expect(lines.length).toBeLessThanOrEqual(3);
      for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
    }),
  );
  const failure = {
    reason: "git-failed",
    message: "git said:\n\nfatal: no\r\nhint: yes",
    remedy: "Try again",
  } as const;
  expect(failureLines(failure, noPaint)).toEqual(["✗ git said:", "  fatal: no; hint: yes", "↳ Try again"]);
});

test("JSON on a terminal turns nothing around and is the same document", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const printed = safeJson({ text });
      expect(JSON.parse(printed)).toEqual({ text });
      expect(printed).not.toMatch(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    }),
  );
});

test("times and durations", () => {
  expect([minuteOf("2026-11-21T04:05:06.789Z"), minuteOf(null)]).toEqual(["2026-11-21 04:05", "-"]);
  expect([12, 999, 1000, 59_949, 125_400].map(durationOf)).toEqual(["12 ms", "999 ms", "1.0 s", "59.9 s", "2 min 5 s"]);
});
