/** Writes blocks as HTML into a page. One writer is for one page: it counts how deep the headings are. */
import type { Block, Field, Graph, Heading, Table, Text } from "../document.ts";
import { plainText } from "../document.ts";
import { chart } from "./chart.ts";
import { answerExport, answerField, filterForm } from "./controls.ts";
import { html, type Page } from "./escape.ts";
import { mostNodes, stageGraph } from "./stage-graph.ts";

export type PageFacts = {
  readonly anchors: ReadonlyMap<Heading, string>;
  readonly graphTooLarge: (nodes: number) => string;
  /** So many items that a browser would be busy with what nobody looks at: they wait as texts, lot by lot (script.ts). */
  readonly many: boolean;
};

type Writing = PageFacts & { readonly page: Page; readonly taken: Set<string>; level: number };

export function writeBlocks(page: Page, blocks: readonly Block[], facts: PageFacts): void {
  const { anchors, graphTooLarge, many } = facts;
  const taken = new Set(anchors.values());
  inner({ anchors, graphTooLarge, many, page, taken, level: 2 }, blocks);
}

/** A number names a heading inside the page: 5.5.1 is `s-5-5-1`. */
export const anchorOf = (number: string | null, at: number): string =>
  `s-${number === null ? `p${at}` : number.replaceAll(".", "-")}`;

export const headingText = (one: Heading): string => {
  const words = plainText(one.text);
  const number = one.number ?? "";
  return number === "" || words === "" ? number + words : `${number} ${words}`;
};

/**
 * Of many items a browser looks after lots: whether each of thousands is in sight, or that it is an element at all, would be most of its
 * work. Where scripts run, a lot is one text until somebody needs it; where none do, it is the blocks at once.
 */
const inLot = 20;

function inner(writing: Writing, blocks: readonly Block[]): void {
  if (!writing.many) {
    for (const one of blocks) block(writing, one);
    return;
  }
  const { page } = writing;
  let lot: Boxed[] = [];
  const end = (): void => {
    if (lot.length === 0) return;
    page.write`<div class="lot${lot[0]?.kind === "group" ? "" : " low"}" data-places="${lot.map(placeOf).join(" ")}"><noscript>`;
    for (const one of lot) box(writing, one);
    page.write`</noscript></div>\n`;
    lot = [];
  };
  for (const one of blocks) {
    const isBoxed = one.kind === "group" || one.kind === "with-item";
    if (!isBoxed || lot.length === inLot || lot[0]?.kind !== one.kind) end();
    if (isBoxed) lot.push(one);
    else block(writing, one);
  }
  end();
}

type Boxed = Extract<Block, { kind: "group" | "with-item" }>;

const placeOf = (one: Boxed): number => (one.kind === "group" ? one.mark.at : one.at);

function block(writing: Writing, one: Block): void {
  const { page } = writing;
  switch (one.kind) {
    case "heading":
      heading(writing, one);
      break;
    case "text":
      page.write`<p>`;
      spans(page, one.text);
      page.write`</p>\n`;
      break;
    case "lines":
      lines(page, one.lines);
      break;
    case "note":
      page.write`<p class="note">`;
      spans(page, one.text);
      page.write`</p>\n`;
      break;
    case "keyword":
      page.write`<p><strong>${one.keyword}:</strong> `;
      spans(page, one.text);
      page.write`</p>\n`;
      break;
    case "fields":
      fields(page, one.fields);
      break;
    case "list":
      list(page, one.items);
      break;
    case "table":
      if (writing.many && one.items !== undefined) listing(page, one, one.items);
      else table(page, one);
      break;
    case "code":
      page.write`<pre><code>${one.text}</code></pre>\n`;
      break;
    case "group":
    case "with-item":
    case "card":
      box(writing, one);
      break;
    case "graph":
      graph(writing, one);
      break;
    case "chart":
      page.add(chart(one));
      break;
    case "filters":
      page.add(filterForm(one));
      break;
    case "answer":
      page.add(answerField(one));
      break;
    case "export":
      page.add(answerExport(one));
      page.write`<p>`;
      spans(page, one.hint);
      page.write`</p></div>\n`;
      break;
  }
}

function graph({ page, graphTooLarge }: Writing, one: Graph): void {
  if (one.nodes.length > mostNodes) page.write`<p class="note">${graphTooLarge(one.nodes.length)}</p>\n`;
  else
    page.add(html`<div class="scroll" tabindex="0" role="group" aria-label="${one.label}">${stageGraph(one)}</div>\n`);
}

function fields(page: Page, all: readonly Field[]): void {
  page.write`<dl>`;
  for (const field of all) {
    page.write`<dt>${field[0]}</dt><dd>`;
    spans(page, field[1]);
    page.write`</dd>`;
  }
  page.write`</dl>\n`;
}

function list(page: Page, items: readonly Text[]): void {
  page.write`<ul>`;
  for (const item of items) {
    page.write`<li>`;
    spans(page, item);
    page.write`</li>`;
  }
  page.write`</ul>\n`;
}

function lines(page: Page, all: readonly Text[]): void {
  page.write`<p>`;
  for (let at = 0; at < all.length; at++) {
    if (at > 0) page.write`<br>`;
    spans(page, all[at] ?? "");
  }
  page.write`</p>\n`;
}

/** The depth of a number is the level of its heading: 5 is h2, 5.5 h3, 5.5.1 h4; a part is one below its section. */
function heading(writing: Writing, one: Heading): void {
  const { page } = writing;
  const words = headingText(one);
  if (one.part) {
    const level = Math.min(6, writing.level + 1);
    page.write`<h${level}>${words}</h${level}>\n`;
    return;
  }
  const level = one.number === null ? 2 : Math.min(4, one.number.split(".").length + 1);
  writing.level = level;
  const id = anchor(writing, one);
  if (id === undefined) page.write`<h${level}>${words}</h${level}>\n`;
  else page.write`<h${level} id="${id}">${words}</h${level}>\n`;
}

/** A section of a stage has its anchor too; of two with one number the first. */
function anchor(writing: Writing, one: Heading): string | undefined {
  const listed = writing.anchors.get(one);
  if (listed !== undefined || one.number === null) return listed;
  const own = anchorOf(one.number, 0);
  if (writing.taken.has(own)) return undefined;
  writing.taken.add(own);
  return own;
}

function box(writing: Writing, one: Extract<Block, { kind: "group" | "with-item" | "card" }>): void {
  const { page } = writing;
  if (one.kind === "card") {
    page.write`<div class="card ${one.tone}">\n`;
    inner(writing, one.blocks);
    page.write`</div>\n`;
    return;
  }
  if (one.kind === "with-item") page.write`<div class="with" data-with="${one.at}">`;
  else {
    const { at, id, class: kind, severity, workers } = one.mark;
    page.write`<article class="item" id="i-${at}" data-at="${at}" data-id="${id}" data-class="${kind}" data-severity="${severity}" data-workers="${workers.join(" ")}">`;
  }
  for (const each of one.blocks) block(writing, each);
  if (one.kind === "with-item") page.write`</div>\n`;
  else page.write`</article>\n`;
}

/** A row of a table for each of so many items is most of what a browser has to do: a line of a list says the same. */
function listing(page: Page, { columns, rows }: Table, items: readonly number[]): void {
  page.write`<p>${columns.join(" · ")}</p>\n`;
  for (let from = 0; from < rows.length; from += inLot) {
    const lot = rows.slice(from, from + inLot);
    const places = lot.map((_, at) => items[from + at] ?? from + at);
    page.write`<div class="lot lines" data-places="${places.join(" ")}"><noscript><ul class="listing">`;
    for (const [at, row] of lot.entries()) {
      const about = places[at] ?? 0;
      const words = row.map(plainText);
      page.write`<li data-with="${about}"><a href="#i-${about}">${words[0] ?? ""}</a> ${words.slice(1).join(" · ")}</li>`;
    }
    page.write`</ul></noscript></div>\n`;
  }
}

/** On a phone each row is a card: the cells say themselves what column they are of. */
function table(page: Page, one: Table): void {
  const { columns, rows, items } = one;
  if (columns.length > 7) page.write`<div class="scroll wide">`;
  else page.write`<div class="scroll">`;
  if (items === undefined) page.write`<table><thead><tr>`;
  else page.write`<table class="listing"><thead><tr>`;
  for (const column of columns) page.write`<th scope="col">${column}</th>`;
  page.write`</tr></thead><tbody>`;
  for (let at = 0; at < rows.length; at++) row(page, one, { cells: rows[at] ?? [], about: items?.[at] });
  page.write`</tbody></table></div>\n`;
}

type Row = { readonly cells: readonly Text[]; readonly about: number | undefined };

function row(page: Page, { columns, amounts = Number.POSITIVE_INFINITY }: Table, { cells, about }: Row): void {
  if (about === undefined) page.write`<tr>`;
  else page.write`<tr data-with="${about}">`;
  for (let at = 0; at < cells.length; at++) {
    const one = cells[at] ?? "";
    const column = columns[at] ?? "";
    if (at === 0 && about !== undefined) {
      page.write`<td data-label="${column}"><a href="#i-${about}">`;
      spans(page, one);
      page.write`</a></td>`;
      continue;
    }
    if (at >= amounts) page.write`<td class="n" data-label="${column}">`;
    else if (one === "-") page.write`<td class="e" data-label="${column}">`;
    else if (isName(one)) page.write`<td class="k" data-label="${column}">`;
    else if (hasLongWord(one)) page.write`<td class="w" data-label="${column}">`;
    else page.write`<td data-label="${column}">`;
    spans(page, one);
    page.write`</td>`;
  }
  page.write`</tr>`;
}

/** F-001, C-002, P-DEP-1, stage-0-1: not to be parted at its hyphens. */
const isName = (text: Text): boolean =>
  typeof text === "string" && /^(?:P-[A-Z]{3}|[A-Za-z]{1,8}(?:-[A-Z]{3})?(?:-\d{1,3}(?:\.\d{1,3})?){1,2})$/.test(text);

/** A word that is too long for a column is broken anywhere; others stay whole. */
const hasLongWord = (text: Text): boolean => /\S{25}/.test(typeof text === "string" ? text : plainText(text));

function spans(page: Page, text: Text): void {
  if (typeof text === "string") {
    page.text(text);
    return;
  }
  for (const one of text) {
    if (typeof one === "string") page.text(one);
    else if ("code" in one) page.write`<code>${one.code}</code>`;
    else page.write`<strong>${one.strong}</strong>`;
  }
}
