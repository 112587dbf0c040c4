/**
 * Prints a report's document as one HTML file that needs nothing else: no network, its own style and script, and a policy that
 * allows nothing beside these two. The same document gives the same bytes.
 */
import type { Block, Heading, ReportDocument } from "../document.ts";
import { headingsOf } from "../markdown.ts";
import { anchorOf, headingText, writeBlocks } from "./blocks.ts";
import { type Html, html, Page, trusted } from "./escape.ts";
import { script, scriptHash } from "./script.ts";
import { style, styleHash } from "./style.ts";

/** The hashes stand beside what they are of; a test holds them to it. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  `script-src 'sha256-${scriptHash}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

export type PageWords = { readonly graphTooLarge: (nodes: number) => string; readonly skip: string };

export function printHtml(document: ReportDocument, words: PageWords): string {
  const listed = headingsOf(document.blocks);
  const anchors = new Map<Heading, string>(listed.map((one, at) => [one, anchorOf(one.number, at)]));
  const isMany = many(document.blocks);
  const page = new Page();
  page.add(html`<!doctype html>
<html lang="${document.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${document.title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#content">${words.skip}</a>
<div class="page">
<header><h1>${document.title}</h1>
<ul class="meta">${document.front.filter(([key]) => key !== "title").map(frontEntry)}</ul></header>
<nav aria-label="${document.indexTitle}"><h2>${document.indexTitle}</h2>
<ul>${listed.map((one) => html`<li class="${depth(one)}"><a href="#${anchors.get(one) ?? ""}">${headingText(one)}</a></li>\n`)}</ul></nav>
<main id="content" tabindex="-1" class="${isMany ? "many" : "few"}">
`);
  writeBlocks(page, document.blocks, { anchors, graphTooLarge: words.graphTooLarge, many: isMany });
  page.add(html`</main>
</div>
<script>${trusted(script)}</script>
</body>
</html>
`);
  return page.whole();
}

/** Of so many items a browser lays out only those in sight; fewer are all there at once, for whoever takes a picture of the page. */
const many = (blocks: readonly Block[]): boolean => blocks.filter(({ kind }) => kind === "group").length > 200;

const frontEntry = ([key, value]: readonly [string, string | boolean]): Html =>
  html`<li><b>${key}:</b> ${String(value)}</li>`;

const depth = ({ number }: Heading): string => (number?.includes(".") ? "deep" : "top");
