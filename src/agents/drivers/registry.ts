/** The drivers there are. A new agent is one file beside this one and one line here (docs/guides/adding-an-agent.md). */
import { didYouMean, fault } from "../../model/index.ts";
import type { Driver } from "../contract.ts";
import { scripted } from "./scripted.ts";

const drivers: readonly Driver[] = [scripted];

export const driverNames: readonly string[] = drivers.map(({ name }) => name);

/** The driver of an agent. Throws `roster-violation` with the names there are. */
export function driverFor(agent: string): Driver {
  const found = drivers.find(({ name }) => name === agent);
  if (found !== undefined) return found;
  throw fault(
    "roster-violation",
    `okstra has no driver for an agent "${agent}"${didYouMean(agent, driverNames)}`,
    `Agents that can be driven: ${driverNames.join(", ")}`,
    { agent, known: driverNames },
  );
}
