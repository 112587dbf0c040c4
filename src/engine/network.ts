/**
 * Ways out of a narrowed network: one for each dispatch, to the agent's own hosts and what the settings allow, and one for all commands
 * of a run, to what the settings allow. What was refused is said once the dispatch, or the command, is over.
 */
import { join } from "node:path";
import { type AgentConfig, type DispatchOutcome, type Driver, reachedBy, redactor } from "../agents/index.ts";
import { type Gate, openGate, type Place, placeIn, placeOfUrl, type Refusal } from "../confinement/index.ts";
import { take } from "../model/index.ts";
import type { Confinement } from "./confinement.ts";
import { type OpenRun, progress, type Run } from "./run.ts";
import type { World } from "./world.ts";

type Agent = { readonly driver: Driver; readonly config: AgentConfig };

/** What an agent may reach; null where the network is open. `config.env` has its values. */
export function placesOf(world: World, { allow }: Confinement, { driver, config }: Agent): readonly Place[] | null {
  if (allow === null) return null;
  const { hosts, urls } = reachedBy(driver, config, world.host.machine.env);
  const found = [...hosts.map((host) => placeIn(host, "driver")), ...urls.map((url) => placeOfUrl(url, "person"))];
  return [...found.filter((place) => place !== undefined), ...allow];
}

/** The way out of a dispatch, whose own folder is `own`. */
export async function agentGate(
  world: World,
  confinement: Confinement,
  of: Agent & { readonly own: string },
): Promise<Gate | null> {
  const places = placesOf(world, confinement, of);
  if (places === null) return null;
  const env = { ...world.host.machine.env, ...of.config.env };
  return take(await openGate(world.host, { folder: join(of.own, "net"), places, env }));
}

/** The way out of commands. */
export async function commandGate(world: World, { allow }: Confinement, folder: string): Promise<Gate | null> {
  if (allow === null) return null;
  return take(await openGate(world.host, { folder, places: allow, env: world.host.machine.env }));
}

/** A sentence without its subject; null where nothing was refused. A name may be made of a key: names come in lower case. */
export function refusedInWords(refused: readonly Refusal[], secrets: readonly string[]): string | null {
  if (refused.length === 0) return null;
  const redact = redactor([...secrets, ...secrets.map((one) => one.toLowerCase())]);
  const places = refused.map(({ to, times }) => (times === 1 ? redact(to) : `${redact(to)} (${times} times)`));
  return `was kept from ${places.join(", ")}; what it needs of these goes into network.allow`;
}

/**
 * Says at once what commands were kept from since it was last said, `who` being the one that has ended now; gives the sentence for its
 * log. Commands that run side by side share a way out: then the first to end is told of.
 */
export async function tellRefused(
  run: OpenRun & Pick<Run, "confinement" | "secrets">,
  who: string,
): Promise<string | null> {
  const note = refusedInWords(run.confinement.gate?.refused() ?? [], run.secrets);
  if (note === null) return null;
  await progress(run, "network", `${who} ${note}`);
  return `it ${note}`;
}

/** With a note of what its network kept it from, which is said at once too. */
export async function withRefusals<T>(
  run: Run,
  outcome: DispatchOutcome<T>,
  { name, gate }: { name: string; gate: Gate | null },
): Promise<DispatchOutcome<T>> {
  const note = refusedInWords(gate?.refused() ?? [], run.secrets);
  if (note === null) return outcome;
  await progress(run, "network", `${name} ${note}`);
  return { ...outcome, notes: [...outcome.notes, `it ${note}`] };
}
