/** Forms that several sections share: empty parts, lists, tables, runs of commands. */
import { codeText, commitText, durationText, exitText } from "../amounts.ts";
import { type Block, list, section, type Text, table, text } from "../document.ts";
import { type HeadingKey, headingOf, type Labels, wordOf } from "../labels/labels.ts";
import { inline, prose } from "../prose.ts";
import type { CommandRun } from "../report.schema.ts";

export const numbered = (labels: Labels, number: string, key: HeadingKey): Block =>
  section(number, headingOf(labels, key));

export const none = (labels: Labels): Block => text(labels.values.none);

/** A worker, with its role where the name does not say it. */
export const nameIn = ({ values }: Labels, workerId: string, role: string): string =>
  role === "analyser" || role === workerId ? workerId : `${workerId} (${wordOf(values.roles, role)})`;

/** Why a worker gave nothing, as the engine wrote it; its fixed words in the report's language. */
export const reasonIn = ({ values }: Labels, reason: string): string =>
  reason === "never asked" ? values.neverAsked : reason;

/** What a run, a worker or a hand-off came to, in a word that programs match on too. */
export function tokenIn({ values, sentences }: Labels, token: string): string {
  const [, candidates] = /^(\d+) candidates?$/.exec(token) ?? [];
  return candidates === undefined ? wordOf(values.verdictTokens, token) : sentences.candidates(Number(candidates));
}

/** A model's text, or "None." when there is none. */
export const proseOrNone = (labels: Labels, words: string): Block[] => {
  const blocks = prose(words);
  return blocks.length === 0 ? [none(labels)] : blocks;
};

export const listOrNone = (labels: Labels, items: readonly string[]): Block =>
  items.length === 0 ? none(labels) : list(items.map(inline));

export const tableOrNone = (labels: Labels, columns: readonly string[], rows: readonly (readonly Text[])[]): Block =>
  rows.length === 0 ? none(labels) : table(columns, rows);

/** Code signs in a row: `a`, `b`. A dash for none. */
export const codes = (labels: Labels, names: readonly string[]): Text =>
  names.length === 0
    ? labels.values.nothing
    : names.flatMap((name, at) => (at === 0 ? [{ code: name }] : [", ", { code: name }]));

export const numbers = (labels: Labels, all: readonly number[]): string =>
  all.length === 0 ? labels.values.nothing : all.join(", ");

/** Commands that the engine ran itself. */
export const commandTable = (labels: Labels, runs: readonly CommandRun[]): Block => {
  const { fields, values } = labels;
  return tableOrNone(
    labels,
    [
      fields.check,
      fields.command,
      fields.result,
      fields.exitCode,
      fields.duration,
      fields.commit,
      fields.sandbox,
      fields.log,
    ],
    runs.map((run) => [
      run.name,
      codeText(labels, run.command),
      wordOf(values.commands, run.outcome),
      exitText(labels, run.exitCode),
      durationText(labels, run.durationMs),
      commitText(labels, run.commit),
      run.sandbox,
      codeText(labels, withinTask(run.log)),
    ]),
  );
};

/** A path as attachments have theirs, from the task's folder; others as they are. */
const withinTask = (path: string): string => path.replace(/^.*\/\.okstra\/tasks\/[^/]+\/[^/]+\/(?=runs\/)/, "");
