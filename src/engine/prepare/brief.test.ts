import { expect, test } from "vitest";
import { languageOf, titleOf } from "./brief.ts";

test.each([
  ["# 합계가 틀립니다\n\n장바구니의 합계가 1원 다릅니다.\n", "ko"],
  ["# 합계 고치기\n\n`src/total.js`의 total 함수가 소수를 그대로 더해서 끝자리가 틀립니다.\n", "ko"],
  // Decomposed letters, as some systems write them.
  ["합계가 틀립니다".normalize("NFD"), "ko"],
  ["# Totals are wrong by one cent\n\nThe cart says 0.30000000000000004.\n", "en"],
  ["# The name 홍길동 is cut\n\nIt is shown as 홍 in the list of customers of the shop.\n", "en"],
  ["# Die Summe stimmt nicht\n", "en"],
  ["合計が違います\n", "en"],
  ["# 1 2 3\n\n---\n", "en"],
  ["", "en"],
])("the language of %j is %s", (brief, language) => {
  expect(languageOf(brief)).toBe(language);
});

test("a title is the first line that says something, and no longer than a line", () => {
  expect(titleOf("---\n\n## 합계가 틀립니다\n\nmore\n")).toBe("합계가 틀립니다");
  expect(titleOf("\n\n")).toBe("untitled");
  expect(titleOf("x".repeat(200))).toHaveLength(120);
});
