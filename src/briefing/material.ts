/**
 * What okstra knows, as text for a worker. Deterministic. Workers are not named: who said it must not weigh, and a verifier
 * must not know its own family's words from another's. A line that begins at the margin is okstra's: text of others stands on one line
 * or is set in, so that a question cannot forge its answer, nor a file name or a command another line of a list.
 */
import type { CheckedEvidence, Item } from "../convergence/convergence.schema.ts";
import type { Clarification } from "../lifecycle/task.schema.ts";
import { oneLine, shortened, visible } from "../report/index.ts";
import type { CommandRun, MechanicalCheck } from "../report/report.schema.ts";

export type DiffRange = {
  readonly base: string;
  readonly head: string;
  readonly files: readonly { readonly path: string; readonly planned: boolean }[];
  /** The change itself, for workers without a shell; null where a path says it all. */
  readonly patch: Sourced | null;
};

/** Text with the path where all of it lies. */
export type Sourced = { readonly text: string; readonly path: string };

/** Something that must be put right: a verifier's finding or a failed check of the engine. */
export type OpenItem = {
  readonly id: string;
  readonly severity: string;
  readonly title: string;
  readonly claim: string;
  readonly place: string | null;
  readonly suggestedFix: string | null;
};

/** What a stage left behind for those that depend on it (a carry file has all of it). */
export type Inheritance = {
  readonly stage: number;
  readonly stageCommitRange: { readonly base: string; readonly head: string };
  readonly commits: readonly { readonly sha: string; readonly subject: string }[];
  readonly files: readonly string[];
  readonly exitContract: string;
  readonly outOfPlanEdits: readonly { readonly path: string; readonly reason: string }[];
  readonly notes: readonly string[];
};

/** What an earlier phase of the task came to. */
export type Known = {
  readonly run: string;
  readonly taskType: string;
  readonly conclusion: string;
  readonly summary: string;
  readonly items: readonly Pick<Item, "id" | "title" | "class" | "severity">[];
  /** What else it delivered, a line each: where a request was sent and why, what is missing, causes, how to validate. */
  readonly details: readonly string[];
  /** Where its report lies. */
  readonly report: string;
};

/** Text of others on lines of their own. */
export const setIn = (text: string): string => visible(text).replaceAll("\n", "\n  ");

/** A path as it is, or as a JSON string where it would not stand on one line as it is. */
export const named = (path: string): string => (oneLine(path) === path ? path : JSON.stringify(path));

export const asJson = (value: unknown): string => JSON.stringify(value, null, 1);

export const itemsText = (items: readonly Item[]): string => asJson(items.map(roundItem));

const roundItem = (item: Item) => ({
  item: item.id,
  title: item.title,
  claim: item.claim,
  severity: item.severity,
  category: item.category,
  place: item.place,
  class: item.class,
  otherWords: [...new Set(item.members.map(({ claim }) => claim))].filter((claim) => claim !== item.claim),
  evidence: item.members.flatMap((member) => member.evidence.map(seen)),
  verdictsSoFar: item.verdicts.map(({ round, verdict, basis, reason, evidence }) => ({
    round,
    verdict,
    basis,
    reason,
    evidence: evidence.map(seen),
  })),
});

const seen = ({ evidence, state, note, lines }: CheckedEvidence) => ({
  ...evidence,
  engine: state,
  note,
  foundAt: lines,
});

export const clarificationsText = (items: readonly Clarification[]): string =>
  items
    .map((item) =>
      [
        `${item.id} [${item.status}, ${item.kind}, blocks ${item.blocks}]`,
        `Question: ${setIn(item.question)}`,
        `Why: ${setIn(item.why)}`,
        `Answer: ${setIn(item.userInput ?? "(none yet)")}`,
      ].join("\n"),
    )
    .join("\n\n");

export const diffText = ({ base, head, files }: DiffRange): string =>
  [
    `${base}..${head}`,
    ...files.map(({ path, planned }) => `${planned ? "planned  " : "unplanned"} ${named(path)}`),
  ].join("\n");

export const checksText = (checks: readonly MechanicalCheck[]): string =>
  checks
    .map(
      ({ id, ok, blocking, message }) =>
        `${ok ? "ok    " : "FAILED"} ${oneLine(id)}${blocking ? " (blocking)" : ""}: ${setIn(message)}`,
    )
    .join("\n");

export const commandsText = (runs: readonly CommandRun[]): string =>
  runs
    .map(
      ({ name, outcome, exitCode, command }) =>
        `${outcome} ${oneLine(name)}: exit ${exitCode ?? "none"}: ${setIn(command)}`,
    )
    .join("\n");

export const carriesText = (carries: readonly Inheritance[]): string =>
  asJson(
    carries.map(({ stage, stageCommitRange, commits, files, exitContract, outOfPlanEdits, notes }) => ({
      stage,
      range: `${stageCommitRange.base}..${stageCommitRange.head}`,
      commits: commits.map(({ sha, subject }) => `${sha.slice(0, 12)} ${subject}`),
      files,
      exitContract,
      outOfPlanEdits,
      notes,
    })),
  );

const longSummary = 4_000;

export const knownText = (known: readonly Known[]): string =>
  known
    .map(({ run, taskType, conclusion, summary, items, details, report }) =>
      [
        `${taskType}: ${run}`,
        `Conclusion: ${shortened(conclusion, 1_000)}`,
        `  ${setIn(summary.slice(0, longSummary))}`,
        ...(summary.length > longSummary ? ["[more in the report]"] : []),
        ...details.map((line) => shortened(line, 1_000)),
        ...items.map(({ id, title, class: name, severity }) => `${id} [${severity}, ${name}] ${oneLine(title)}`),
        `Report: ${report}`,
      ].join("\n"),
    )
    .join("\n\n");
