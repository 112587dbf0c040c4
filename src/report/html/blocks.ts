/** Prints blocks as HTML. One printer is for one page: it counts how deep the headings are. */
import type { Block, Heading, Span, Table, Text } from "../document.ts";
import { plainText } from "../document.ts";
import { chart } from "./chart.ts";
import { answerExport, answerField, filterForm } from "./controls.ts";
import { type Html, html } from "./escape.ts";
import { mostNodes, stageGraph } from "./stage-graph.ts";

export type PageFacts = {
  readonly anchors: ReadonlyMap<Heading, string>;
  readonly graphTooLarge: (nodes: number) => string;
  /** So many items that a browser would be busy with what nobody looks at: what is below their headings waits as text (script.ts). */
  readonly many: boolean;
};

type Page = PageFacts & { readonly taken: Set<string>; level: number };

export function blockPrinter(facts: PageFacts): (one: Block) => Html {
  const page: Page = { ...facts, taken: new Set(facts.anchors.values()), level: 2 };
  return (one) => block(page, one);
}

/** A number names a heading inside the page: 5.5.1 is `s-5-5-1`. */
export const anchorOf = (number: string | null, at: number): string =>
  `s-${number === null ? `p${at}` : number.replaceAll(".", "-")}`;

export const headingText = (one: Heading): string =>
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
      return html`<dl>${one.fields.map(([label, value]) => html`<dt>${label}</dt><dd>${spans(value)}</dd>`)}</dl>\n`;
    case "list":
      return html`<ul>${one.items.map((item) => html`<li>${spans(item)}</li>`)}</ul>\n`;
    case "table":
      return page.many && one.items !== undefined ? listing(one, one.items) : table(one);
    case "code":
      return html`<pre><code>${one.text}</code></pre>\n`;
    case "group":
    case "with-item":
    case "card":
      return box(page, one);
    case "graph":
      return one.nodes.length > mostNodes
        ? html`<p class="note">${page.graphTooLarge(one.nodes.length)}</p>\n`
        : html`<div class="scroll" tabindex="0" role="group" aria-label="${one.label}">${stageGraph(one)}</div>\n`;
    case "chart":
      return chart(one);
    case "filters":
      return filterForm(one);
    case "answer":
      return answerField(one);
    case "export":
      return answerExport(one, spans(one.hint));
  }
}

/** The depth of a number is the level of its heading: 5 is h2, 5.5 h3, 5.5.1 h4; a part is one below its section. */
function heading(page: Page, one: Heading): Html {
  const words = headingText(one);
  if (one.part) return html`<${tag(page.level + 1)}>${words}</${tag(page.level + 1)}>\n`;
  page.level = one.number === null ? 2 : Math.min(4, one.number.split(".").length + 1);
  const id = anchor(page, one);
  const named = id === undefined ? html`` : html` id="${id}"`;
  return html`<${tag(page.level)}${named}>${words}</${tag(page.level)}>\n`;
}

const tags = [html`h1`, html`h2`, html`h3`, html`h4`, html`h5`, html`h6`];
const tag = (level: number): Html => tags[level - 1] ?? html`h6`;

/** A section of a stage has its anchor too; of two with one number the first. */
function anchor(page: Page, one: Heading): string | undefined {
  const listed = page.anchors.get(one);
  if (listed !== undefined || one.number === null) return listed;
  const own = anchorOf(one.number, 0);
  if (page.taken.has(own)) return undefined;
  page.taken.add(own);
  return own;
}

function box(page: Page, one: Extract<Block, { kind: "group" | "with-item" | "card" }>): Html {
  if (one.kind === "card") return html`<div class="card ${one.tone}">\n${inner(page, one.blocks)}</div>\n`;
  const body = page.many ? waiting(page, one.blocks) : inner(page, one.blocks);
  const end = page.many ? "" : "\n";
  if (one.kind === "with-item") return html`<div class="with" data-with="${one.at}">${body}</div>${end}`;
  const { mark } = one;
  return html`<article class="item" id="i-${mark.at}" data-at="${mark.at}" data-id="${mark.id}" data-class="${mark.class}" data-severity="${mark.severity}" data-workers="${mark.workers.join(" ")}">${body}</article>${end}`;
}

/** The heading, and the rest where a browser that runs scripts sees one text and any other sees the blocks. */
function waiting(page: Page, [first, ...rest]: readonly Block[]): readonly Html[] {
  if (first === undefined) return [];
  return [block(page, first), html`<noscript>${inner(page, rest)}</noscript>`];
}

/** A row of a table for each of so many items is most of what a browser has to do: a line of a list says the same. */
function listing({ columns, rows }: Table, items: readonly number[]): Html {
  const words = (text: Text): string => plainText(text);
  const line = ([id, ...others]: readonly Text[], at: number): Html =>
    html`<li data-with="${items[at] ?? at}"><a href="#i-${items[at] ?? at}">${words(id ?? "")}</a> ${others.map(words).join(" · ")}</li>`;
  return html`<p>${columns.join(" · ")}</p>\n<ul class="listing">${rows.map(line)}</ul>\n`;
}

const inner = (page: Page, blocks: readonly Block[]): readonly Html[] => blocks.map((one) => block(page, one));

/** On a phone each row is a card: the cells say themselves what column they are of. */
function table({ columns, rows, items, amounts }: Table): Html {
  const row = (cells: readonly Text[], at: number): Html => {
    const about = items?.[at];
    const owned = about === undefined ? html`` : html` data-with="${about}"`;
    return html`<tr${owned}>${cells.map((one, column) => cell(one, columns[column] ?? "", { about: column === 0 ? about : undefined, isAmount: column >= (amounts ?? Number.POSITIVE_INFINITY) }))}</tr>`;
  };
  const kind = columns.length > 7 ? "scroll wide" : "scroll";
  return html`<div class="${kind}"><table${items === undefined ? html`` : html` class="listing"`}><thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead><tbody>${rows.map(row)}</tbody></table></div>\n`;
}

type Cell = { readonly about: number | undefined; readonly isAmount: boolean };

function cell(one: Text, column: string, { about, isAmount }: Cell): Html {
  if (about !== undefined) return html`<td data-label="${column}"><a href="#i-${about}">${spans(one)}</a></td>`;
  if (!isAmount && one === "-") return html`<td class="e" data-label="${column}">-</td>`;
  const kind = isAmount ? html` class="n"` : hasLongWord(one) ? html` class="w"` : html``;
  return html`<td${kind} data-label="${column}">${spans(one)}</td>`;
}

/** A word that is too long for a column is broken anywhere; others stay whole. */
const hasLongWord = (text: Text): boolean => /\S{25}/.test(typeof text === "string" ? text : plainText(text));

const spans = (text: Text): Html => (typeof text === "string" ? html`${text}` : html`${text.map(span)}`);

function span(one: Span): Html {
  if (typeof one === "string") return html`${one}`;
  return "code" in one ? html`<code>${one.code}</code>` : html`<strong>${one.strong}</strong>`;
}
