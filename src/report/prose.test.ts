import { expect, test } from "vitest";
import { shortened, visible } from "./index.ts";
import { markdownFence, markdownText } from "./markdown-text.ts";
import { inline, prose } from "./prose.ts";

test("paragraphs, bullets, fences and strong lines of a model are kept as such", () => {
  expect(
    prose("# Title #\nfirst\nsecond `x`\n\n- a\n  goes on\n* **b**\nafter\n\n```js\nlet x;\n\n- no list\n```\n\n"),
  ).toEqual([
    { kind: "lines", lines: [[{ strong: "Title" }], "first", ["second ", { code: "x" }]] },
    { kind: "list", items: ["a goes on", [{ strong: "b" }]] },
    { kind: "lines", lines: ["after"] },
    { kind: "code", text: "let x;\n\n- no list" },
  ]);
  expect(prose(" \n\n")).toEqual([]);
  expect(prose("~~~\nnever closed")).toEqual([{ kind: "code", text: "never closed" }]);
});

test.each([
  ["a_b c_ _d", "a_b c\\_ \\_d"],
  ["Array<string> & &lt; R&D", "Array&lt;string> & &amp;lt; R&D"],
  ["1. one", "1\\. one"],
  ["0.5 is half", "0.5 is half"],
  ["- x", "\\- x"],
  ["# x", "\\# x"],
  ["`a|b`", "`a|b`"],
  ["`` `x` ``", "`` `x` ``"],
  ["a ` ` b ** ** c", "a \\` \\` b \\*\\* \\*\\* c"],
])("%j is written %j", (text, written) => {
  expect(markdownText(inline(text), "start")).toBe(written);
});

test("code is fenced by more backticks than it holds, its pipes are escaped in cells only", () => {
  expect(markdownText([{ code: "a `b" }], "within")).toBe("``a `b``");
  expect(markdownText([{ code: "a ``b" }], "within")).toBe("a \\`\\`b");
  expect(markdownText([{ code: "`" }], "within")).toBe("`` ` ``");
  expect(markdownText([{ code: "a|b" }], "cell")).toBe("`a\\|b`");
  expect(markdownText([{ code: "a\\|b" }], "cell")).toBe("a\\\\\\|b");
  expect(markdownFence("````\nx\n\n")).toBe("`````text\n````\nx\n`````");
});

test("what cannot be seen is shown by number", () => {
  expect(visible("a\r\nb\u2028c\u001b[1m\u202e\ud800\u200d\t")).toBe("a\nb\nc⟨U+001B⟩[1m⟨U+202E⟩⟨U+D800⟩\u200d\t");
  expect(shortened("  one\n two three", 8)).toBe("one two…");
});
