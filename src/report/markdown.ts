/** Prints a report's document as Markdown: frontmatter, title, Index, blocks. The same document gives the same bytes. */
import type { Block, Heading, ReportDocument } from "./document.ts";
import { plainText } from "./document.ts";
import { markdownFence, markdownText } from "./markdown-text.ts";
import { oneLine } from "./visible.ts";

export function printMarkdown(document: ReportDocument): string {
  const listed = headingsOf(document.blocks);
  const parts = [
    frontmatter(document.front),
    `# ${heading(document.title)}`,
    `## ${heading(document.indexTitle)}`,
    listed.map(indexLine).join("\n"),
    ...document.blocks.map(block),
  ];
  return `${written(parts)}\n`;
}

/** JSON strings are YAML strings. A `<` is written by number: some readers take the front for text. */
function frontmatter(front: ReportDocument["front"]): string {
  const quoted = (value: string) => JSON.stringify(oneLine(value)).replaceAll("<", "\\u003c");
  const lines = front.map(([key, value]) => `${key}: ${typeof value === "boolean" ? value : quoted(value)}`);
  return ["---", ...lines, "---"].join("\n");
}

export const headingsOf = (blocks: readonly Block[]): Heading[] =>
  blocks.flatMap((one) => (one.kind === "heading" && one.listed ? [one] : []));

function indexLine(one: Heading): string {
  const indent = "  ".repeat(Math.max(0, (one.number ?? "").split(".").length - 1));
  return `${indent}- [${heading(title(one))}](#${slug(title(one))})`;
}

const title = (one: Heading): string => [one.number ?? "", plainText(one.text)].filter((word) => word !== "").join(" ");

/** The anchor that GitHub and its like make of a heading. */
const slug = (words: string): string =>
  words
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
    .replaceAll(" ", "-");

/** One line; a `#` at its end would be dropped and braces may name an anchor, so both are escaped. */
const heading = (words: string): string => markdownText(words, "within").replace(/[#{}]/g, "\\$&");

function block(one: Block): string {
  switch (one.kind) {
    case "heading":
      return `${one.part ? "###" : "##"} ${heading(title(one))}`;
    case "text":
      return markdownText(one.text, "start");
    case "lines":
      return one.lines
        .map((line) => markdownText(line, "start"))
        .filter((line) => line !== "")
        .join("\\\n");
    case "note":
      return `> ${markdownText(one.text, "start")}`;
    case "keyword":
      return `${one.keyword}: ${markdownText(one.text, "within")}`.trimEnd();
    case "fields":
      return one.fields
        .map(([label, value]) => `- **${markdownText(label, "within")}:** ${markdownText(value, "within")}`.trimEnd())
        .join("\n");
    case "list":
      return one.items.map((item) => `- ${markdownText(item, "start")}`).join("\n");
    case "table":
      return table(one.columns, one.rows);
    case "code":
      return markdownFence(one.text);
    case "group":
    case "with-item":
    case "card":
      return blocks(one.blocks);
    case "graph":
    case "chart":
    case "filters":
    case "answer":
    case "export":
      return "";
  }
}

const blocks = (all: readonly Block[]): string => written(all.map(block));

/** Only added to, so that the whole text is put together once, when it is written. */
function written(parts: readonly string[]): string {
  let out = "";
  for (const part of parts) if (part !== "") out += out === "" ? part : `\n\n${part}`;
  return out;
}

function table(columns: readonly string[], rows: Extract<Block, { kind: "table" }>["rows"]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map((column) => markdownText(column, "cell"))),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(row.map((cell) => markdownText(cell, "cell")))),
  ].join("\n");
}
