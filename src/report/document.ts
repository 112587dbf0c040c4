/**
 * A report as blocks, before it is Markdown or HTML. Sections build blocks; only the two printers write markup, so text from
 * a model can never be more than text, whatever it holds.
 */

/** A plain string is text; markup in it means nothing. */
export type Span = string | { readonly code: string } | { readonly strong: string };
export type Text = string | readonly Span[];

/** What an HTML reader may filter by. `at`: the item's place among the report's items, which names it inside the page. */
export type Mark = {
  readonly at: number;
  readonly id: string;
  readonly class: string;
  readonly severity: string;
  readonly workers: readonly string[];
};

export type GraphNode = { readonly number: number; readonly title: string; readonly dependsOn: readonly number[] };

export type Block =
  | Heading
  | { readonly kind: "text"; readonly text: Text }
  /** A paragraph whose lines end where they end. */
  | { readonly kind: "lines"; readonly lines: readonly Text[] }
  | { readonly kind: "note"; readonly text: Text }
  /** `<keyword>: <text>`, a line that other programs look for. */
  | { readonly kind: "keyword"; readonly keyword: string; readonly text: Text }
  | { readonly kind: "fields"; readonly fields: readonly Field[] }
  | { readonly kind: "list"; readonly items: readonly Text[] }
  | Table
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "group"; readonly mark: Mark; readonly blocks: readonly Block[] }
  /** What belongs to the item with this place: it is shown and hidden with it. */
  | { readonly kind: "with-item"; readonly at: number; readonly blocks: readonly Block[] }
  | { readonly kind: "card"; readonly tone: Tone; readonly blocks: readonly Block[] }
  | Graph
  | PageOnly;

/** `anchor`: that of the section whose parts the nodes are. */
export type Graph = {
  readonly kind: "graph";
  readonly nodes: readonly GraphNode[];
  readonly label: string;
  readonly anchor: string;
};

/** What only the page has: Markdown shows the same facts in its tables, and cannot be clicked. */
export type PageOnly = Chart | Filters | AnswerField | AnswerExport;

/** How a verdict is to be taken: done, a person is needed, not done. */
export type Tone = "good" | "waits" | "bad";

/** `items`: for each row the place of the item that it is about; the first cell leads there. `amounts`: from this column on, numbers. */
export type Table = {
  readonly kind: "table";
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Text[])[];
  readonly items?: readonly number[];
  readonly amounts?: number;
};

/** Bars with their amount in words. `from` and `to` are on one scale for all rows; `series` is an index into `legend`. */
export type Chart = {
  readonly kind: "chart";
  readonly title: string;
  readonly legend: readonly string[];
  readonly rows: readonly {
    readonly label: string;
    readonly amount: string;
    readonly parts: readonly { readonly series: number; readonly from: number; readonly to: number }[];
  }[];
};

export type Choice = { readonly value: string; readonly label: string };
export type Filters = {
  readonly kind: "filters";
  readonly title: string;
  readonly search: string;
  readonly reset: string;
  /** With `{shown}` and `{all}` for the numbers. */
  readonly count: string;
  /** How many items there are. */
  readonly all: number;
  readonly by: readonly {
    readonly key: "class" | "severity" | "workers";
    readonly title: string;
    readonly choices: readonly Choice[];
  }[];
};

/** Where a person writes the answer to a question; `value` is the answer that stands. */
export type AnswerField = {
  readonly kind: "answer";
  readonly id: string;
  readonly question: string;
  readonly label: string;
  readonly value: string;
};
export type AnswerExport = {
  readonly kind: "export";
  readonly file: string;
  /** The lines of the file above the answers. */
  readonly head: string;
  readonly button: string;
  readonly hint: Text;
  /** With `{count}` and `{file}`. */
  readonly done: string;
  readonly empty: string;
};

export type Field = readonly [label: string, value: Text];
/** `part`: a heading inside a section. `listed`: stands in the Index. */
export type Heading = {
  readonly kind: "heading";
  readonly number: string | null;
  readonly text: Text;
  readonly part: boolean;
  readonly listed: boolean;
};

/** The front of a report and its blocks; the printers put the Index between them. */
export type ReportDocument = {
  readonly title: string;
  readonly language: "en" | "ko";
  readonly front: readonly (readonly [key: string, value: string | boolean])[];
  readonly indexTitle: string;
  readonly blocks: readonly Block[];
};

export const section = (number: string | null, text: Text): Heading => ({
  kind: "heading",
  number,
  text,
  part: false,
  listed: true,
});
/** A section whose title comes from a model: it stands in no Index, since its anchor cannot be foreseen. */
export const ownSection = (number: string, text: Text): Heading => ({
  kind: "heading",
  number,
  text,
  part: false,
  listed: false,
});
export const part = (text: Text): Heading => ({ kind: "heading", number: null, text, part: true, listed: false });
export const text = (text: Text): Block => ({ kind: "text", text });
export const note = (text: Text): Block => ({ kind: "note", text });
/** Items without a word are left out. */
export const list = (items: readonly Text[]): Block => ({
  kind: "list",
  items: items.filter((item) => plainText(item).trim() !== ""),
});
export const fields = (fields: readonly Field[]): Block => ({ kind: "fields", fields });
export const code = (text: string): Block => ({ kind: "code", text });
export const table = (columns: readonly string[], rows: readonly (readonly Text[])[]): Table => ({
  kind: "table",
  columns,
  rows,
});

export const spansOf = (text: Text): readonly Span[] => (typeof text === "string" ? [text] : text);

/** The words of a text without their form. */
export const plainText = (text: Text): string =>
  spansOf(text)
    .map((span) => (typeof span === "string" ? span : "code" in span ? span.code : span.strong))
    .join("");
