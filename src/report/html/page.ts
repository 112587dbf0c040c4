/**
 * Prints a report's document as one HTML file that needs nothing else: no network, no script, and a policy that allows
 * neither. The same document gives the same bytes.
 */
import { createHash } from "node:crypto";
import type { Block, Heading, ReportDocument, Span, Text } from "../document.ts";
import { plainText, spansOf } from "../document.ts";
import { headingsOf } from "../markdown.ts";
import { type Html, html, trusted } from "./escape.ts";
import { mostNodes, stageGraph } from "./stage-graph.ts";
import { style } from "./style.ts";

const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'; form-action 'none'`;

export function printHtml(document: ReportDocument, graphTooLarge: (nodes: number) => string): string {
  const listed = headingsOf(document.blocks);
  const page: Page = { anchors: new Map(listed.map((one, at) => [one, anchor(one, at)])), graphTooLarge };
  return html`<!doctype html>
<html lang="${document.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${document.title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<header><h1>${document.title}</h1>
<p class="meta">${document.front.filter(([key]) => key !== "title").map(frontEntry)}</p></header>
<main>
<nav aria-label="${document.indexTitle}"><h2>${document.indexTitle}</h2>
<ul>${listed.map((one) => html`<li><a href="#${page.anchors.get(one) ?? ""}">${headingText(one)}</a></li>\n`)}</ul></nav>
${document.blocks.map((one) => block(page, one))}</main>
</body>
</html>
`.markup;
}

type Page = { readonly anchors: ReadonlyMap<Heading, string>; readonly graphTooLarge: (nodes: number) => string };

const frontEntry = ([key, value]: readonly [string, string | boolean], at: number): Html =>
  html`${at === 0 ? "" : " · "}${key}: ${String(value)}`;

const anchor = (one: Heading, at: number): string =>
  `s-${one.number === null ? `p${at}` : one.number.replaceAll(".", "-")}`;

const headingText = (one: Heading): string =>
  [one.number ?? "", plainText(one.text)].filter((word) => word !== "").join(" ");

function block(page: Page, one: Block): Html {
  switch (one.kind) {
    case "heading":
      return heading(page, one);
    case "text":
      return html`<p>${spans(one.text)}</p>\n`;
    case "lines":
      return html`<p>${one.lines.map((line, at) => html`${at === 0 ? html`` : html`<br>`}${spans(line)}`)}</p>\n`;
    case "note":
      return html`<p class="note">${spans(one.text)}</p>\n`;
    case "keyword":
      return html`<p><strong>${one.keyword}:</strong> ${spans(one.text)}</p>\n`;
    case "fields":
      return html`<dl>${one.fields.map(([label, value]) => html`<dt>${label}</dt><dd>${spans(value)}</dd>\n`)}</dl>\n`;
    case "list":
      return html`<ul>${one.items.map((item) => html`<li>${spans(item)}</li>\n`)}</ul>\n`;
    case "table":
      return table(one.columns, one.rows);
    case "code":
      return html`<pre><code>${one.text}</code></pre>\n`;
    case "group":
      return group(page, one);
    case "graph":
      return one.nodes.length > mostNodes
        ? html`<p class="note">${page.graphTooLarge(one.nodes.length)}</p>\n`
        : html`<div class="scroll">${stageGraph(one.nodes, one.label)}</div>\n`;
  }
}

/** The depth of a number is the level of its heading: 5 is h2, 5.5 h3, 5.5.1 h4; a part is below its section. */
function heading(page: Page, one: Heading): Html {
  const words = headingText(one);
  const id = page.anchors.get(one);
  if (one.part) return html`<h4>${words}</h4>\n`;
  const level = one.number === null ? 2 : Math.min(4, one.number.split(".").length + 1);
  const named = id === undefined ? html`` : html` id="${id}"`;
  if (level === 2) return html`<h2${named}>${words}</h2>\n`;
  return level === 3 ? html`<h3${named}>${words}</h3>\n` : html`<h4${named}>${words}</h4>\n`;
}

function group(page: Page, { mark, blocks }: Extract<Block, { kind: "group" }>): Html {
  return html`<article class="item" data-id="${mark.id}" data-class="${mark.class}" data-severity="${mark.severity}" data-workers="${mark.workers.join(" ")}">
${blocks.map((one) => block(page, one))}</article>\n`;
}

const table = (columns: readonly string[], rows: readonly (readonly Text[])[]): Html =>
  html`<div class="scroll"><table><thead><tr>${columns.map((column) => html`<th>${column}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${spans(cell)}</td>`)}</tr>\n`)}</tbody></table></div>\n`;

const spans = (text: Text): Html => html`${spansOf(text).map(span)}`;

function span(one: Span): Html {
  if (typeof one === "string") return html`${one}`;
  return "code" in one ? html`<code>${one.code}</code>` : html`<strong>${one.strong}</strong>`;
}
