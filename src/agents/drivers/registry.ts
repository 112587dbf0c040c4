/** The drivers there are. A new agent is one file beside this one and one line here (docs/guides/adding-an-agent.md). */
import { didYouMean, fault } from "../../model/index.ts";
import type { Driver } from "../contract.ts";
import { acp, acpPrefix } from "./acp.ts";
import { claude } from "./claude.ts";
import { codex } from "./codex.ts";
import { gemini } from "./gemini.ts";
import { scripted } from "./scripted.ts";

/** Those that a roster names by their own name. */
const drivers: readonly Driver[] = [claude, codex, gemini, scripted];

/** Every driver, for the capability table. */
export const allDrivers: readonly Driver[] = [...drivers.slice(0, -1), acp, scripted];

/** Every name that a roster may hold without configuration. */
export const knownAgents = (): readonly string[] => drivers.map(({ name }) => name);

/** The driver of an agent; `acp:<name>` is one of the settings. Throws `roster-violation` for a name nobody knows. */
export function driverFor(agent: string): Driver {
  const found = drivers.find(({ name }) => name === agent);
  if (found !== undefined) return found;
  if (agent.startsWith(acpPrefix) && agent.length > acpPrefix.length) return acp;
  const known = knownAgents();
  throw fault(
    "roster-violation",
    `No agent is called "${agent}"${didYouMean(agent, known)}`,
    `Known agents: ${known.join(", ")}, and acp:<name> with agents."acp:<name>".command in the settings`,
    { agent, known },
  );
}
