/**
 * Weakened tests that a person explained (`okstra override RUN tests-weakened`). What was explained is each sentence of the check as it
 * stood then: a test that is weakened further, or another one, blocks again.
 */
import { createHash } from "node:crypto";
import type { KnownItem } from "../convergence/convergence.schema.ts";
import type { Weakening } from "../evidence/index.ts";
import type { RunManifest } from "../lifecycle/task.schema.ts";
import type { JournalEvent } from "../model/index.ts";
import type { Override } from "../registry/registry.schema.ts";
import { questionOf } from "./verified-range.ts";

/** The id of the mechanical check, which an override names instead of an item. */
export const weakenedId = "tests-weakened";

export const isWeakening = ({ item }: Pick<Override, "item">): boolean => item.id === weakenedId;

/** Who explained the weakening in a run that asks the same; undefined when nobody did. */
export const explainedBy = (
  rows: readonly Override[],
  { manifest, why }: { readonly manifest: Pick<RunManifest, "taskType" | "scope">; readonly why: string },
): Override | undefined =>
  rows.findLast(
    (row) => isWeakening(row) && row.item.types.includes(questionOf(manifest)) && row.item.claims.includes(why),
  );

export const explanationOf = ({ who, time, reason }: Override): string => `overridden by ${who} at ${time}: ${reason}`;

/** What the run's own look last found weakened, from its journal; a stage's checks, or those of a verification. */
export function weakenedIn(events: readonly JournalEvent[]): readonly string[] {
  const found = events.findLast(
    (event) => event.type === "fact" && (event.data.key === "risks" || event.data.key.startsWith("mechanical:")),
  );
  if (found?.type !== "fact") return [];
  const value = found.data.value as { readonly weakened?: readonly Weakening[] };
  return (value.weakened ?? []).map(({ why }) => why);
}

/** The weakening as the record of an override keeps it. */
export function weakenedItem(run: string, manifest: RunManifest, sentences: readonly string[]): KnownItem {
  const claims = [...new Set(sentences)].sort();
  return {
    id: weakenedId,
    fingerprint: createHash("sha256").update(JSON.stringify(claims)).digest("hex").slice(0, 16),
    ...{ path: null, symbol: null, title: "tests were weakened", severity: "blocker", claims, workers: [] },
    types: [questionOf(manifest)],
    lastRun: run,
    resolvedIn: null,
  };
}
