/**
 * A report as blocks, before it is Markdown or HTML. Sections build blocks; only the two printers write markup, so text from
 * a model can never be more than text, whatever it holds.
 */

/** A plain string is text; markup in it means nothing. */
export type Span = string | { readonly code: string } | { readonly strong: string };
export type Text = string | readonly Span[];

/** What an HTML reader may filter by. */
export type Mark = {
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
  | { readonly kind: "table"; readonly columns: readonly string[]; readonly rows: readonly (readonly Text[])[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "group"; readonly mark: Mark; readonly blocks: readonly Block[] }
  | { readonly kind: "graph"; readonly nodes: readonly GraphNode[]; readonly label: string };

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
export const table = (columns: readonly string[], rows: readonly (readonly Text[])[]): Block => ({
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
