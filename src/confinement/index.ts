/**
 * Room confinement: what a process that okstra starts may see and change, enforced by the system's own means (bubblewrap, sandbox-exec).
 * Says how; for whom it is asked, the engine knows.
 */
import { door } from "../model/index.ts";
import { findConfiner as innerFindConfiner } from "./confiner.ts";
import { openGate as innerOpenGate } from "./gate.ts";

export type { Command, Confiner, Found } from "./confiner.ts";
export type { Gate, Refusal } from "./gate.ts";
export { type NamedBy, type Place, placeIn, placeOfUrl, printPlace } from "./places.ts";
export { type Around, type Rule, seen, surroundings, written } from "./rules.ts";

/** What confines on this machine, or why nothing does; tried once in a process. */
export const findConfiner = door(innerFindConfiner);

/** The one way out of a network of its own, to places that are listed; see gate.ts. */
export const openGate = door(innerOpenGate);
