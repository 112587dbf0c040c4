/**
 * What a dispatch used, by the two that tell it: the agent's stream, and the log that it writes of its session by itself. The stream
 * counts. Where it does not say, the log does, provided that every call was either answered or refused: the log says nothing of
 * one that was cut off. Pure.
 */
import { type DispatchOutcome, isSameUse } from "../agents/index.ts";
import type { WorkerSpec } from "../lifecycle/task.schema.ts";
import type { EventData, TokenUse } from "../model/index.ts";
import { hasPrice, type Priced, tokensOf } from "../usage/index.ts";

export type Counted = {
  /** Null where it is not known. */
  readonly usage: TokenUse | null;
  /** As the log has it; null where it says nothing. */
  readonly logged: TokenUse | null;
  readonly fromLog: boolean;
  /** For people, where the two do not agree; a sentence about the agent. */
  readonly note: string | null;
};

type Outcome = Pick<DispatchOutcome<unknown>, "usage" | "status" | "failure">;

export function counted({ usage, status, failure }: Outcome, logged: TokenUse | null): Counted {
  if (logged === null) return { usage, logged, fromLog: false, note: null };
  if (usage !== null) {
    const note = isSameUse(usage, logged) ? null : `${saidBoth(usage, logged)}; the stream counts`;
    return { usage, logged, fromLog: false, note };
  }
  const isWhole = status === "completed" || (status === "error" && settledBy.has(failure?.kind ?? "unknown"));
  if (isWhole)
    return { usage: logged, logged, fromLog: true, note: `its stream did not say what it used: ${inLog(logged)}` };
  const note = `it is not known what it used; ${inLog(logged)}, without the call that was cut off`;
  return { usage: null, logged, fromLog: false, note };
}

/** Failures before which every call had its answer. */
const settledBy: ReadonlySet<string> = new Set(["auth", "quota", "deterministic", "budget"]);

const inLog = (use: TokenUse): string => `by its session log ${countsOf(use)}`;

const saidBoth = (stream: TokenUse, log: TokenUse): string =>
  `its stream and its session log do not agree on what it used: ${countsOf(stream)} and ${countsOf(log)}`;

const countsOf = ({ input, cachedInput, cacheWrite, output, reasoning }: TokenUse): string =>
  `${input} in, ${cachedInput} cached, ${cacheWrite} written to the cache, ${output + reasoning} out`;

export type Compared = {
  readonly dispatch: string;
  /** Null where it did not say. */
  readonly stream: TokenUse | null;
  readonly log: TokenUse;
  readonly counts: "stream" | "log" | "neither";
};

/** The same from the journal: null where there is nothing to tell. */
export function compared(done: EventData["dispatch.done"]): Compared | null {
  const { name: dispatch, logged: log, fromLog = false, usage } = done;
  if (log === undefined || (usage !== null && !fromLog && isSameUse(usage, log))) return null;
  if (fromLog) return { dispatch, stream: null, log, counts: "log" };
  return { dispatch, stream: usage, log, counts: usage === null ? "neither" : "stream" };
}

/** Why what was used has no cost, as a sentence for people; null where it has one, or costs nothing. */
export function whyWithoutCost(
  { worker, agent }: Pick<WorkerSpec, "worker" | "agent">,
  use: TokenUse | null,
  { model, own }: Priced,
): string | null {
  if (use === null || tokensOf(use) === 0 || use.costUsd !== null || agent.startsWith("scripted:")) return null;
  if (!hasPrice(model, own))
    return `${worker} worked with ${model}, which has no price: its tokens count, its cost is unknown (prices in the settings)`;
  return `what ${worker} cost with ${model} is unknown: its price does not hold for all that it used (docs/reference/prices.md); the budget counts the projection, or the least that it can be`;
}
