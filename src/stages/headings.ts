/**
 * What the rendered plan must show of its Stage Map: the exact headings that people and other tools look for. A translation
 * may follow a keyword in parentheses.
 */
import type { Stage } from "./stage-map.schema.ts";

const subsections = ["Steps", "Stage Validation", "Stage Exit Contract", "Rollback"] as const;

type Heading = { readonly depth: number; readonly text: string; readonly line: number };

export type Outline = { readonly headings: readonly Heading[]; readonly lines: readonly string[] };

/** The headings of a Markdown text, those inside code fences left out. */
export function outline(markdown: string): Outline {
  const lines = markdown.split(/\r?\n/);
  const headings: Heading[] = [];
  let fence: string | undefined;
  lines.forEach((line, at) => {
    const mark = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
    if (mark !== null) fence = afterFence(fence, mark[1] ?? "", mark[2] ?? "");
    if (fence !== undefined) return;
    const found = /^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/.exec(line);
    if (found !== null) headings.push({ depth: (found[1] ?? "").length, text: found[2] ?? "", line: at });
  });
  return { headings, lines };
}

/** A fence is closed by one of the same kind, at least as long, with nothing after it. */
function afterFence(open: string | undefined, mark: string, rest: string): string | undefined {
  if (open === undefined) return mark.startsWith("`") && rest.includes("`") ? undefined : mark;
  return mark.startsWith(open) && rest.trim() === "" ? undefined : open;
}

/** What is wrong with the heading of the Stage Map itself; undefined when all is there. */
export function mapHeadingFault(seen: Outline): string | undefined {
  const found = seen.headings.filter(
    (heading) => heading.depth === 2 && /^5\.5 Stage Map(?: \(.*\))?$/.test(heading.text),
  );
  if (found.length > 1) return 'the report has the heading "## 5.5 Stage Map" more than once';
  const heading = found[0];
  if (heading === undefined) return 'the report has no heading "## 5.5 Stage Map"';
  const end = seen.headings.find((other) => other.line > heading.line)?.line ?? seen.lines.length;
  const table = seen.lines.slice(heading.line + 1, end).some((line) => line.trimStart().startsWith("|"));
  return table ? undefined : 'there is no table under "## 5.5 Stage Map"';
}

/** What is wrong with the section of one stage; undefined when all is there. */
export function sectionFault(seen: Outline, stage: Pick<Stage, "stageNumber" | "title">): string | undefined {
  const i = stage.stageNumber;
  const wanted = `"## 5.5.${i} Stage ${i}: ${stage.title}"`;
  const start = new RegExp(`^5\\.5\\.${i} Stage ${i}(?: \\([^)]*\\))?: (?<title>.*)$`);
  const found = seen.headings.flatMap((heading, at) => {
    const title = heading.depth === 2 ? start.exec(heading.text)?.groups?.["title"] : undefined;
    return title === undefined ? [] : [{ at, title }];
  });
  const section = found[0];
  if (section === undefined) return `the report has no heading ${wanted}`;
  if (found.length > 1) return `the report has the heading ${wanted} more than once`;
  if (bare(section.title) !== bare(stage.title)) return `the heading of the stage is not ${wanted}`;
  const inside = insideOf(seen, section.at);
  const missing = subsections.filter((name) => !inside.some((heading) => isNamed(heading.text, name)));
  return missing.length === 0 ? undefined : `its section lacks ${missing.join(", ")}`;
}

function insideOf(seen: Outline, at: number): readonly Heading[] {
  const after = seen.headings.slice(at + 1);
  const end = after.findIndex((heading) => heading.depth <= 2);
  return end === -1 ? after : after.slice(0, end);
}

const isNamed = (heading: string, name: string): boolean => heading === name || heading.startsWith(`${name} (`);

/** A title as letters and digits, so that the escapes of Markdown and HTML, and invisible characters shown by number, do not count. */
const bare = (text: string): string =>
  text
    .replace(/&(?:amp|lt|gt|quot|apos|#\d+);/g, "")
    .replace(/\u27e8U\+[0-9A-F]+\u27e9/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, "")
    .toLowerCase();
