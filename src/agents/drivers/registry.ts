/** The drivers there are. A new agent is one file beside this one and one line here (docs/guides/adding-an-agent.md). */
import { didYouMean, fault } from "../../model/index.ts";
import type { Driver } from "../contract.ts";
import { claude } from "./claude.ts";
import { codex } from "./codex.ts";
import { scripted } from "./scripted.ts";

const drivers: readonly Driver[] = [claude, codex, scripted];

/** Agents that rosters may name and that this version cannot drive. */
const undriven: readonly string[] = ["gemini"];

/** Every name that a roster may hold without configuration. */
export const knownAgents = (): readonly string[] => {
  const driven = drivers.map(({ name }) => name).filter((name) => name !== "scripted");
  return [...driven, ...undriven, "scripted"];
};

/** The driver of an agent. Throws `roster-violation` for a name nobody knows, `agent-missing` for an agent without driver. */
export function driverFor(agent: string): Driver {
  const found = drivers.find(({ name }) => name === agent);
  if (found !== undefined) return found;
  const known = knownAgents();
  if (undriven.includes(agent)) {
    const driven = drivers.map(({ name }) => name);
    throw fault(
      "agent-missing",
      `This version of okstra cannot drive ${agent}`,
      `It drives ${driven.join(" and ")}: choose workers with --workers, or let a scenario play them with --agents scripted:FILE`,
      { agent, driven },
    );
  }
  throw fault(
    "roster-violation",
    `No agent is called "${agent}"${didYouMean(agent, known)}`,
    `Known agents: ${known.join(", ")}`,
    {
      agent,
      known,
    },
  );
}
