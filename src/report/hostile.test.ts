/** Whatever stands in the text fields of a report, it stays text: no markup, no heading, no cell of its own making. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { pairs } from "../../test/fixtures/report/hostile.ts";
import { renderHtml, renderMarkdown, summaryLines } from "./index.ts";

/** Headings and tables outside code, and what of raw HTML stands outside code spans. */
function outline(markdown: string) {
  const [front, ...body] = markdown.split(/\n---\n/);
  const outside: string[] = [];
  let fence = "";
  for (const line of body.join("\n---\n").split("\n")) {
    const mark = /^`{3,}/.exec(line)?.[0];
    if (fence === "" && mark !== undefined) fence = mark;
    else if (fence !== "" && line === fence) fence = "";
    else if (fence === "") outside.push(line);
  }
  return {
    front: (front ?? "").split("\n").map((line) => line.replace(/:.*/, "")),
    fenceLeftOpen: fence !== "",
    headings: outside.flatMap((line) => /^\s*#{1,6}(?=\s|$)/.exec(line)?.[0] ?? []),
    rules: outside.filter((line) => /^\s*(=+|-+|[-*_ ]{3,})\s*$/.test(line)),
    cells: outside.flatMap((line) => (line.startsWith("|") ? [line.replace(/\\[\\|]/g, "").split("|").length] : [])),
    html: outside
      .map((line) => line.replace(/(?<![\\`])(`+)(?!`).*?(?<!`)\1(?!`)/g, ""))
      .filter((line) => line.includes("<")),
  };
}

test("hostile text changes nothing of a report's outline in Markdown", () => {
  fc.assert(
    fc.property(pairs, ({ hostile, plain }) => {
      const text = renderMarkdown(hostile);
      const seen = outline(text);
      expect(seen).toEqual({ ...outline(renderMarkdown(plain)), fenceLeftOpen: false, rules: [], html: [] });
      expect(text).not.toMatch(/<\/?script/i);
      expect(text).not.toMatch(/(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/u);
    }),
    { numRuns: 100 },
  );
});

/** The page without its own style and script, which hold no text of others. */
const ownParts = /<(style|script)>[\s\S]*?<\/\1>/g;
const tag = /^<(?:!doctype html|\/?[a-z][a-z0-9]*(?: [a-zA-Z-]+="[^"<>]*")*\/?)>$/;
const names = (page: string): string[] =>
  (page.match(/<[^>]*>/g) ?? []).filter((one) => !/^<\/?(?:p|br|ul|li|pre|code|strong)>$/.test(one));

test("hostile text adds no element to a report's page", () => {
  fc.assert(
    fc.property(pairs, ({ hostile, plain }) => {
      const whole = renderHtml(hostile);
      expect(whole.match(ownParts)).toEqual(renderHtml(plain).match(ownParts));
      const page = whole.replace(ownParts, "");
      const tags = names(page);
      expect(tags.filter((one) => !tag.test(one))).toEqual([]);
      expect(tags.map((one) => one.split(/[ >]/)[0])).toEqual(
        names(renderHtml(plain).replace(ownParts, "")).map((one) => one.split(/[ >]/)[0]),
      );
      expect(page).not.toMatch(/<script| on[a-z]+="/i);
      expect(page).not.toMatch(/(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/u);
    }),
    { numRuns: 100 },
  );
});

test("hostile text stays on its line in the terminal", () => {
  fc.assert(
    fc.property(pairs, ({ hostile }) => {
      const lines = summaryLines(hostile);
      expect(lines.length).toBeLessThanOrEqual(12);
      for (const line of lines) expect(line).not.toMatch(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/u);
    }),
  );
});
