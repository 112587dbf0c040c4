/** What keeps a stage from being done. */
import type { OpenItem } from "../../briefing/index.ts";
import type { Item } from "../../convergence/convergence.schema.ts";

/** A mechanical check or an item of the verifiers. `id` is the same in every round. */
export type Blocking = OpenItem;

export const blockingText = (one: Blocking): string => (one.title === "" ? one.claim : `${one.title}: ${one.claim}`);

/** A blocker or major item whose evidence held. One whose evidence was refuted or missing blocks nobody. */
export const isBlocking = (item: Item): boolean =>
  (item.severity === "blocker" || item.severity === "major") &&
  item.class !== "unsubstantiated" &&
  item.class !== "refuted";
