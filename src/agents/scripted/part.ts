/** What the acts of a play share. */
import type { Address } from "../contract.ts";
import type { Entry } from "./scenario.schema.ts";

export type Part = {
  readonly address: Address;
  readonly entry: Entry;
  /** The scenario's folder: what `copy` takes and relative puppet sockets lie below it. */
  readonly folder: string;
  readonly cwd: string;
  readonly session: string;
  readonly model: string;
  readonly family: string;
};

/** The scenario asks for what cannot be done here; the agent fails with the reason. */
export class ActFailed extends Error {}

/** What an act may decide about the rest: an early end, or how to end after the result. */
export type Turn = { readonly exit: number } | { readonly after: "hang" | "exit-1" } | undefined;
