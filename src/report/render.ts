/** A report as Markdown and as HTML. */
import { printHtml } from "./html/page.ts";
import { catalogues } from "./labels/labels.ts";
import { printMarkdown } from "./markdown.ts";
import type { Report } from "./report.schema.ts";
import { assemble } from "./sections/assemble.ts";

/** The report as Markdown (GFM). All text of models is escaped; quotes and commands stand in code that they cannot leave. */
export const renderMarkdown = (report: Report): string => printMarkdown(assemble(report));

/** Both at once: the report is put in order only once. */
export function render(report: Report): { readonly markdown: string; readonly html: string } {
  const document = assemble(report);
  return { markdown: printMarkdown(document), html: printHtml(document, catalogues[report.language].sentences) };
}

/** The report as one HTML file that needs no network. */
export const renderHtml = (report: Report): string =>
  printHtml(assemble(report), catalogues[report.language].sentences);
