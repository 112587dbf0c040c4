/** Section 4: each citation with what the engine found when it looked. Quotes stand in fences, as they were given. */
import type { CheckedEvidence } from "../../convergence/convergence.schema.ts";
import { type Block, code, fields, part, type Span, text } from "../document.ts";
import { headingOf, type Labels, wordOf } from "../labels/labels.ts";
import { inline } from "../prose.ts";
import type { Report } from "../report.schema.ts";
import { none, numbered, tableOrNone } from "./parts.ts";

export function evidence(labels: Labels, report: Report): Block[] {
  const places = new Map(report.items.map(({ id }, at) => [id, at]));
  const blocks = [...byItem(report.evidence)].flatMap(([item, all]): Block[] => {
    const found = [part(item), ...all.flatMap((entry) => one(labels, entry))];
    const at = places.get(item);
    return at === undefined ? found : [{ kind: "with-item", at, blocks: found }];
  });
  return [
    numbered(labels, "4", "evidence"),
    ...(blocks.length === 0 ? [none(labels)] : blocks),
    ...attachments(labels, report),
  ];
}

type Entry = Report["evidence"][number];

function byItem(entries: readonly Entry[]): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.item);
    if (group === undefined) groups.set(entry.item, [entry]);
    else group.push(entry);
  }
  return groups;
}

function one(labels: Labels, { worker, checked }: Entry): Block[] {
  const { cited, quote } = citation(labels, checked);
  const state = wordOf(labels.values.evidence, checked.state);
  return [
    text([{ strong: state }, ", ", worker, ": ", ...cited]),
    ...(quote === undefined ? [] : [code(quote)]),
    ...(checked.note === "" ? [] : [fields([[labels.fields.note, inline(checked.note)]])]),
  ];
}

function citation(
  labels: Labels,
  { evidence: given, lines }: CheckedEvidence,
): { cited: readonly Span[]; quote?: string } {
  const { sentences } = labels;
  switch (given.kind) {
    case "file": {
      const { start, end } = lines ?? given.lines;
      return { cited: [{ code: given.path }, `, ${sentences.lines(start, end)}`], quote: given.quote };
    }
    case "document":
      return { cited: [{ code: given.file }], quote: given.quote };
    case "check":
      return { cited: [{ code: `qa:${given.qa}` }, `, ${sentences.exits(given.expected.exitCode)}`] };
    case "search":
      return { cited: searched(labels, given.search, given.expected === "some") };
    case "absence":
      return { cited: searched(labels, given.search, false) };
  }
}

function searched(
  labels: Labels,
  search: { pattern: string; paths: readonly string[] },
  some: boolean,
): readonly Span[] {
  const where = search.paths.length === 0 ? labels.sentences.everywhere : { code: search.paths.join(", ") };
  return (some ? labels.sentences.found : labels.sentences.notFound)({ code: search.pattern }, where);
}

function attachments(labels: Labels, report: Report): Block[] {
  if (report.attachments.length === 0) return [];
  const rows = report.attachments.map(({ path, sha256 }) => [[{ code: path }], [{ code: sha256 }]]);
  return [part(headingOf(labels, "attachments")), tableOrNone(labels, [labels.fields.path, "SHA-256"], rows)];
}
