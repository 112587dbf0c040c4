/** Prints a report's document as Markdown: frontmatter, title, Index, blocks. The same document gives the same bytes. */
import type { Block, Field, Heading, ReportDocument, Table, Text } from "./document.ts";
import { plainText } from "./document.ts";
import { markdownFence, markdownText } from "./markdown-text.ts";
import { oneLine } from "./visible.ts";

export function printMarkdown(document: ReportDocument): string {
  const listed = headingsOf(document.blocks);
  const out = [
    frontmatter(document.front),
    `\n\n# ${heading(document.title)}`,
    `\n\n## ${heading(document.indexTitle)}`,
  ];
  const index = listed.map(indexLine).join("\n");
  if (index !== "") out.push("\n\n", index);
  for (const one of document.blocks) write(out, one);
  out.push("\n");
  return out.join("");
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

/** Pieces of the file, put together once, at its end; between blocks that are something stands an empty line. */
function write(out: string[], one: Block): void {
  if (one.kind === "group" || one.kind === "with-item" || one.kind === "card") {
    for (const inner of one.blocks) write(out, inner);
    return;
  }
  const written = block(one);
  if (written !== "") out.push("\n\n", written);
}

type Leaf = Exclude<Block, { kind: "group" | "with-item" | "card" }>;

function block(one: Leaf): string {
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
      return fields(one.fields);
    case "list":
      return one.items.map((item) => `- ${markdownText(item, "start")}`).join("\n");
    case "table":
      return table(one.columns, one.rows);
    case "code":
      return markdownFence(one.text);
    case "graph":
    case "chart":
    case "filters":
    case "answer":
    case "export":
      return "";
  }
}

function fields(all: readonly Field[]): string {
  const lines: string[] = [];
  for (const field of all)
    lines.push(`- **${markdownText(field[0], "within")}:** ${markdownText(field[1], "within")}`.trimEnd());
  return lines.join("\n");
}

function table(columns: readonly string[], rows: Table["rows"]): string {
  const out: string[] = [];
  line(out, columns);
  out.push("\n|", " --- |".repeat(columns.length));
  for (const row of rows) {
    out.push("\n");
    line(out, row);
  }
  return out.join("");
}

function line(out: string[], cells: readonly Text[]): void {
  out.push("|");
  for (const cell of cells) out.push(" ", markdownText(cell, "cell"), " |");
}
