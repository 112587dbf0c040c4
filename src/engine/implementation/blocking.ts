/** What keeps a stage from being done. */
import type { Item } from "../../convergence/convergence.schema.ts";

/** What keeps a stage from being done: a mechanical check or an item of the verifiers. `id` is the same in every round. */
export type Blocking = { readonly id: string; readonly text: string };

/** A blocker or major item whose evidence held. One whose evidence was refuted or missing blocks nobody. */
export const isBlocking = (item: Item): boolean =>
  (item.severity === "blocker" || item.severity === "major") && item.class !== "unsubstantiated" && item.class !== "refuted";
