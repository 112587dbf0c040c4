/**
 * What a critic adds to the items of a run. Its gaps are a small convergence of their own: stated by the critic, asked once of a
 * worker of another family, and then items like the others, none dropped. Pure.
 */
import type { ConvergenceState, Critique, Item, KnownItem } from "./convergence.schema.ts";
import { recognise } from "./identity.ts";
import { byId } from "./order.ts";

/** The critic's items with ids that the run does not use yet; those that earlier runs knew get their ids back. */
export function gapItems(state: ConvergenceState, known: readonly KnownItem[], items: readonly Item[]): Item[] {
  const taken = state.items.map(({ id }) => id);
  return recognise(known, { taskType: "", answered: [], items, taken }).items;
}

/** The state with the critic's items. `gaps` is their own convergence, ended. */
export function withCritique(
  state: ConvergenceState,
  gaps: ConvergenceState,
  critic: Pick<Critique, "worker" | "family" | "status" | "reason" | "checker">,
): ConvergenceState {
  const ids = gaps.items.map(({ id }) => id);
  const { resolved, ...rest } = state;
  const left = (resolved ?? []).filter(({ id }) => !ids.includes(id));
  const silent = gaps.skippedWorkers
    .filter(({ round }) => round > 0)
    .map((one) => ({ ...one, why: `asked about the critic's items: ${one.why}` }));
  return {
    ...rest,
    items: [...state.items, ...gaps.items].sort(byId),
    ...(left.length === 0 ? {} : { resolved: left }),
    skippedWorkers: [...state.skippedWorkers, ...silent],
    critique: { ...critic, items: ids, rounds: gaps.rounds },
  };
}
