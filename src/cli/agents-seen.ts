/** Which agents are there, as their drivers find them: built-in ones and those of the settings. */
import { type AgentConfig, driverFor, knownAgents } from "../agents/index.ts";
import type { AgentSeen } from "../checks/index.ts";
import { settingsAround } from "../engine/index.ts";
import type { Host } from "../host/index.ts";
import { take } from "../model/index.ts";
import type { Context } from "./context.ts";

/** Needed are those that the settings here name: for a roster, as executor, or with a configuration. */
export async function agentsSeen({ world, cwd }: Context): Promise<readonly AgentSeen[]> {
  const { settings } = take(await settingsAround(world, cwd));
  const agents: Readonly<Record<string, AgentConfig>> = settings.agents;
  const rosters = Object.values(settings.roster).flat();
  const needed = new Set([...Object.keys(agents), ...rosters]);
  const builtIn = knownAgents().filter((name) => name !== "scripted");
  const seen: AgentSeen[] = [];
  for (const name of new Set([...builtIn, ...needed])) {
    seen.push(await seenAgent(world.host, { name, config: agents[name] ?? {}, needed: needed.has(name) }));
  }
  return seen;
}

type Named = { readonly name: string; readonly config: AgentConfig; readonly needed: boolean };

async function seenAgent(host: Host, { name, config, needed }: Named): Promise<AgentSeen> {
  const driver = driverFor(config.scenario === undefined ? name : "scripted");
  if (!driver.ok) {
    const { message, remedy } = driver.error;
    return { name, present: false, version: null, note: message, remedy, needed };
  }
  const { present, version, note, loggedIn, remedy } = await (driver.value.probe ?? driver.value.detect)(host, config);
  const { install } = driver.value;
  const installing =
    present || install === undefined ? undefined : `${install}; or set agents.${name}.command to where it is`;
  const helps = remedy ?? installing;
  const help = helps === undefined ? {} : { remedy: helps };
  return { name, present, version, note, needed, loggedIn, ...help };
}
