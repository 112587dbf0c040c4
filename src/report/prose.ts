/**
 * What a model wrote, as blocks. Of its Markdown four forms are understood, because they read badly as signs: paragraphs,
 * bullets, `code` and **strong**. A heading becomes a strong line: the outline of a report belongs to okstra.
 */
import { type Block, code, list, type Span, type Text } from "./document.ts";
import { visible } from "./visible.ts";

/** Text on one line. */
export const inline = (text: string): Text => spans(text.replace(/\s+/g, " ").trim());

/** Text of any length: paragraphs, bullets and fenced code. */
export function prose(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = visible(text).split("\n");
  for (let at = 0; at < lines.length; ) {
    const taken = fence(lines, at) ?? bullets(lines, at) ?? paragraph(lines, at);
    if (taken.block !== undefined) blocks.push(taken.block);
    at = taken.next;
  }
  return blocks;
}

type Taken = { readonly block?: Block; readonly next: number };

const bullet = /^\s*[-*+•]\s+(?=\S)/;
const fenceStart = /^\s*(`{3,}|~{3,})/;

function fence(lines: readonly string[], at: number): Taken | undefined {
  const marker = fenceStart.exec(lines[at] ?? "")?.[1];
  if (marker === undefined) return undefined;
  const end = lines.findIndex((line, index) => index > at && line.trim().startsWith(marker));
  const last = end === -1 ? lines.length : end;
  return { block: code(lines.slice(at + 1, last).join("\n")), next: last + 1 };
}

function bullets(lines: readonly string[], at: number): Taken | undefined {
  const items: string[] = [];
  let next = at;
  for (; next < lines.length; next++) {
    const line = lines[next] ?? "";
    if (bullet.test(line)) items.push(line.replace(bullet, ""));
    else if (items.length > 0 && /^\s+\S/.test(line) && !fenceStart.test(line))
      items.push(`${items.pop()} ${line.trim()}`);
    else break;
  }
  return items.length === 0 ? undefined : { block: list(items.map(inline)), next };
}

function paragraph(lines: readonly string[], at: number): Taken {
  let next = at;
  while (next < lines.length && isPlain(lines[next] ?? "")) next++;
  if (next === at) return { next: at + 1 };
  return { block: { kind: "lines", lines: lines.slice(at, next).map(plainLine) }, next };
}

const isPlain = (line: string): boolean => line.trim() !== "" && !bullet.test(line) && !fenceStart.test(line);

function plainLine(line: string): Text {
  const heading = /^\s*#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
  return heading === undefined || heading === "" ? inline(line) : [{ strong: heading }];
}

/** Code between two runs of as many backticks, strong words between two double stars; neither is blank. */
const marked = /(?<!`)(`+)(?!`)([^\n]*?\S[^\n]*?)(?<!`)\1(?!`)|\*\*(?=[^\s*])([^*]+)(?<=\S)\*\*/g;

function spans(text: string): Text {
  if (!text.includes("`") && !text.includes("**")) return text;
  const found: Span[] = [];
  let from = 0;
  for (const match of text.matchAll(marked)) {
    if (match.index > from) found.push(text.slice(from, match.index));
    found.push(match[2] === undefined ? { strong: match[3] ?? "" } : { code: match[2].trim() });
    from = match.index + match[0].length;
  }
  if (found.length === 0) return text;
  if (from < text.length) found.push(text.slice(from));
  return found;
}
