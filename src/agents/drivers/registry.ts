/** The drivers there are. A new agent is one file beside this one and one line here (docs/guides/adding-an-agent.md). */
import { didYouMean, fault } from "../../model/index.ts";
import type { Driver } from "../contract.ts";
import { claude } from "./claude.ts";
import { codex } from "./codex.ts";
import { gemini } from "./gemini.ts";
import { scripted } from "./scripted.ts";

const drivers: readonly Driver[] = [claude, codex, gemini, scripted];

/** Every name that a roster may hold without configuration. */
export const knownAgents = (): readonly string[] => drivers.map(({ name }) => name);

/** The driver of an agent. Throws `roster-violation` for a name nobody knows. */
export function driverFor(agent: string): Driver {
  const found = drivers.find(({ name }) => name === agent);
  if (found !== undefined) return found;
  const known = knownAgents();
  throw fault(
    "roster-violation",
    `No agent is called "${agent}"${didYouMean(agent, known)}`,
    `Known agents: ${known.join(", ")}`,
    { agent, known },
  );
}
