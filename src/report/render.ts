/** A report as Markdown and as HTML. */
import { printHtml } from "./html/page.ts";
import { catalogues } from "./labels/labels.ts";
import { printMarkdown } from "./markdown.ts";
import type { Report } from "./report.schema.ts";
import { assemble } from "./sections/assemble.ts";

/** The report as Markdown (GFM). All text of models is escaped; quotes and commands stand in code that they cannot leave. */
export const renderMarkdown = (report: Report): string => printMarkdown(assemble(report));

/** The report as one HTML file that needs no network. */
export const renderHtml = (report: Report): string =>
  printHtml(assemble(report), catalogues[report.language].sentences);
