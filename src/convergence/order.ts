/** The orders that make output canonical. Text is compared by code units, never by the user's locale. */
import type { Severity } from "../model/finding.schema.ts";

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Compares by a text made of each; costs two calls a comparison, so for short lists. */
export const compareWith =
  <T>(text: (one: T) => string) =>
  (a: T, b: T): number =>
    compareText(text(a), text(b));

const rank: Readonly<Record<Severity, number>> = { blocker: 0, major: 1, minor: 2, nit: 3 };

export const worstFirst = (a: Severity, b: Severity): number => rank[a] - rank[b];

/** Blocking are blocker and major; minor and nit are advice. */
export const isBlocking = (severity: Severity): boolean => rank[severity] <= rank.major;

/** F-002 before F-010 before F-1000. */
export const byId = (a: { id: string }, b: { id: string }): number =>
  a.id.length - b.id.length || compareText(a.id, b.id);

export const isBelow = (severity: Severity, floor: Severity): boolean => rank[severity] > rank[floor];
