/** Room report: a run's document as Markdown, as HTML and as a few lines for the terminal. Pure; one report, one sequence of bytes. */
export { markdownFence, markdownText } from "./markdown-text.ts";
export { render, renderHtml, renderMarkdown } from "./render.ts";
export { summaryLines } from "./summary-lines.ts";
export { oneLine, shortened, visible } from "./visible.ts";
