/** Numbers, times and hashes as people read them. What is not known is said to be unknown, never 0. */
import type { Usage } from "../lifecycle/task.schema.ts";
import type { Text } from "./document.ts";
import type { Labels } from "./labels/labels.ts";

export const grouped = (count: number): string => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");

/** `2026-01-02 03:04:05 UTC` of a time in ISO form; anything else as it is. */
export const timeText = (time: string): string =>
  time.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, "$1 $2 UTC");

export function durationText({ values: { units } }: Labels, ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}${units.ms}`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)}${units.s}`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}${units.s}`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}${units.min} ${seconds % 60}${units.s}`
    : `${Math.floor(minutes / 60)}${units.h} ${minutes % 60}${units.min}`;
}

/** A count of tokens of `usage`; `+ ?` where some dispatch's part in it is not known. */
export function tokenText(labels: Labels, usage: Usage, count: number): string {
  if (usage.unknown === 0) return grouped(count);
  if (usage.totalTokens === 0) return labels.values.unknown;
  return `${grouped(count)} + ?`;
}

export function costText(labels: Labels, usage: Usage): string {
  if (usage.costUsd === null) return labels.values.unknown;
  if (usage.unknown > 0) return usage.costUsd === 0 ? labels.values.unknown : `${usage.costUsd.toFixed(4)} USD + ?`;
  return usage.costUsd === 0 ? "0" : `${usage.costUsd.toFixed(4)} USD`;
}

const zero: Usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  totalTokens: 0,
  costUsd: 0,
  unknown: 0,
};

/** The sum of usages; its cost is unknown as soon as one of them is. */
export const usageSum = (usages: readonly Usage[]): Usage =>
  usages.reduce(
    (sum, one) => ({
      inputTokens: sum.inputTokens + one.inputTokens,
      cachedInputTokens: sum.cachedInputTokens + one.cachedInputTokens,
      cacheWriteTokens: sum.cacheWriteTokens + one.cacheWriteTokens,
      outputTokens: sum.outputTokens + one.outputTokens,
      reasoningTokens: sum.reasoningTokens + one.reasoningTokens,
      totalTokens: sum.totalTokens + one.totalTokens,
      costUsd: sum.costUsd === null || one.costUsd === null ? null : sum.costUsd + one.costUsd,
      unknown: sum.unknown + one.unknown,
    }),
    zero,
  );

/** A commit id in its short form; anything else as it is; a dash where there is none. */
export const commitText = (labels: Labels, sha: string | null): Text =>
  sha === null || sha === ""
    ? labels.values.nothing
    : [{ code: /^[0-9a-f]{40,64}$/.test(sha) ? sha.slice(0, 12) : sha }];

export const exitText = (labels: Labels, code: number | null): string =>
  code === null ? labels.values.nothing : String(code);

export const yesNo = (labels: Labels, yes: boolean): string => (yes ? labels.values.yes : labels.values.no);

/** Code, or a dash where there is none. */
export const codeText = (labels: Labels, code: string | null | undefined): Text =>
  code === null || code === undefined || code === "" ? labels.values.nothing : [{ code }];
