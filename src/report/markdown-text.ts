/**
 * Text and code as Markdown that shows exactly that text. Escaped is what CommonMark, GFM tables and GitHub's math would read
 * as markup; signs inside words stay as they are, so that the file also reads well with `less`.
 */
import type { Span, Text } from "./document.ts";
import { folded, oneLine, visible } from "./visible.ts";

/** Where the text stands: at the start of a block, further on in a line, or in a table cell. */
export type Place = "start" | "within" | "cell";

export function markdownText(text: Text, place: Place): string {
  const written = (typeof text === "string" ? escaped(folded(text)) : joined(text, place)).trim();
  return place === "start" ? guardStart(written) : written;
}

function joined(text: readonly Span[], place: Place): string {
  // Two code spans that touch would be read as one with other fences.
  return text
    .map((span) => markdownSpan(span, place))
    .reduce((line, next) => (line.endsWith("`") && next.startsWith("`") ? `${line} ${next}` : line + next), "");
}

/** A fenced block whose fence is longer than any run of backticks in it. */
export function markdownFence(text: string): string {
  const content = disarmed(visible(text)).replace(/\n+$/, "");
  const fence = "`".repeat(Math.max(3, longestRun(content) + 1));
  return `${fence}text\n${content}\n${fence}`;
}

function markdownSpan(span: Span, place: Place): string {
  if (typeof span === "string") return escaped(folded(span));
  if ("strong" in span) {
    const words = escaped(folded(span.strong).trim());
    return words === "" ? "" : `**${words}**`;
  }
  return codeSpan(oneLine(span.code), place);
}

function codeSpan(content: string, place: Place): string {
  const shown = disarmed(content);
  if (shown === "") return "";
  // Shown as text: in a cell a backslash before a pipe cannot be told from an escaped pipe, and three backticks at the
  // start of a line look like a fence to those who do not read on.
  if ((place === "cell" && /\\\|/.test(shown)) || shown.includes("``")) return escaped(content);
  const fence = "`".repeat(longestRun(shown) + 1);
  const pad = /^`|`$/.test(shown) ? " " : "";
  return `${fence}${pad}${place === "cell" ? shown.replaceAll("|", "\\|") : shown}${pad}${fence}`;
}

const escaped = (text: string): string => (signs.test(text) ? escapedSigns(text) : text);

const signs = /[\\`*[\]|~$&<_]/;

const escapedSigns = (text: string): string =>
  text
    .replace(/[\\`*[\]|~$]/g, "\\$&")
    .replace(/&(?=#?\w+;)/g, "&amp;")
    .replaceAll("<", "&lt;")
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_");

/** No heading, quote, list, rule, or table delimiter can start here. */
const guardStart = (line: string): string =>
  line.replace(/^[#>+\-=:]/, "\\$&").replace(/^(\d{1,9})([.)])(?=\s|$)/, "$1\\$2");

/** Code is shown as it is; only tags that load or run something are broken, for readers that know no code spans. */
const disarmed = (content: string): string =>
  content.replace(
    /<(?=\/?\s*(?:script|style|iframe|frame|object|embed|applet|meta|base|link|form|svg|math|img|video|audio)\b)/gi,
    "&lt;",
  );

const longestRun = (content: string): number =>
  (content.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
