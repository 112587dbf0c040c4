import fc from "fast-check";
import { expect, test } from "vitest";
import { findQuote, leastVisible, visible } from "./quotes.ts";

const text = [
  "import { readFile } from 'node:fs';",
  "",
  "export function total(prices) {",
  "  return prices.reduce((sum, price) => sum + price, 0);",
  "}",
  "export function average(prices) {",
  "  return total(prices) / prices.length;",
  "}",
  "export function total(prices) {",
].join("\n");

test("a quote at its lines holds, whatever the white space", () => {
  expect(findQuote(text, "export function total(prices) {\n return\tprices.reduce", { start: 3, end: 4 })).toEqual({
    state: "held",
    lines: { start: 3, end: 4 },
  });
  expect(
    findQuote(text.replaceAll("\n", "\r\n"), "return total(prices) / prices.length;", { start: 7, end: 7 }).state,
  ).toBe("held");
});

test("a quote elsewhere is corrected to the nearest place", () => {
  expect(findQuote(text, "export function total(prices)", { start: 4, end: 5 })).toEqual({
    state: "corrected",
    lines: { start: 3, end: 3 },
  });
  expect(findQuote(text, "export function total(prices)", { start: 8, end: 8 })).toEqual({
    state: "corrected",
    lines: { start: 9, end: 9 },
  });
  expect(findQuote(text, "export function total(prices)", { start: 400, end: 420 }).state).toBe("corrected");
});

test("a quote that reaches out of its lines is corrected", () => {
  expect(findQuote(text, "(sum, price) => sum + price, 0);\n}", { start: 4, end: 4 })).toEqual({
    state: "corrected",
    lines: { start: 4, end: 5 },
  });
});

test("a quote that is not there is refuted; a changed word or folded word break is not white space", () => {
  expect(findQuote(text, "return prices.reduce((sum, cost)", { start: 4, end: 4 }).state).toBe("refuted");
  expect(findQuote(text, "exportfunction total(prices)", { start: 3, end: 3 }).state).toBe("refuted");
});

test("short quotes prove nothing, even where they stand", () => {
  expect(findQuote(text, "sum + price", { start: 4, end: 4 }).state).toBe("unchecked");
  expect(findQuote("a".repeat(50), "a   a  \u200b a a a a a a a", { start: 1, end: 1 }).state).toBe("unchecked");
});

const word = fc.stringMatching(/^[a-z가-힣(){};=.]{1,6}$/u);
const gap = fc.constantFrom(" ", "  ", "\n", "\t", "\r\n", "\n\n  ", "\u00a0");
const pieces = fc.array(fc.tuple(word, gap), { minLength: 8, maxLength: 60 });

test("any stretch of a text is found, with other white space, at the lines where it stands", () => {
  fc.assert(
    fc.property(pieces, fc.nat(), fc.nat(), gap, (parts, from, length, other) => {
      const start = from % parts.length;
      const end = start + 1 + (length % (parts.length - start));
      const source = parts.map(([piece, after]) => piece + after).join("");
      const before = parts
        .slice(0, start)
        .map(([piece, after]) => piece + after)
        .join("");
      const taken = parts.slice(start, end).map(([piece]) => piece);
      const quote = taken.join(other);
      const last = parts
        .slice(start, end - 1)
        .map(([piece, after]) => piece + after)
        .join("");
      const named = { start: before.split("\n").length, end: (before + last).split("\n").length };
      const found = findQuote(source, quote, named);
      if (visible(quote) < leastVisible) expect(found.state).toBe("unchecked");
      else expect(found.state).toBe("held");
    }),
  );
});

test("a found place really holds the quote", () => {
  fc.assert(
    fc.property(pieces, pieces, fc.nat(20), (parts, others, line) => {
      const source = parts.map(([piece, after]) => piece + after).join("");
      const quote = others
        .slice(0, 4)
        .map(([piece, after]) => piece + after)
        .join("");
      const found = findQuote(source, quote, { start: line, end: line });
      const plain = (some: string) => some.replace(/\s+/gu, " ").trim();
      if (visible(quote) < leastVisible) return found.state === "unchecked";
      if (found.state === "held" || found.state === "corrected") {
        return plain(
          source
            .split("\n")
            .slice(found.lines.start - 1, found.lines.end)
            .join("\n"),
        ).includes(plain(quote));
      }
      return found.state === "refuted" && !plain(source).includes(plain(quote));
    }),
  );
});
