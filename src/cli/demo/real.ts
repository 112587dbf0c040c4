/**
 * `okstra demo --agents real`: the agent programs that are installed take the parts of the scenario, and a model server of our own on
 * 127.0.0.1 says to them what the scenario says: no account, no traffic to anybody. What okstra counted must be what the server charged.
 */
import { join } from "node:path";
import { type AgentConfig, checkScenario, type Driver, driverFor } from "../../agents/index.ts";
import { findConfiner } from "../../confinement/index.ts";
import type { Host } from "../../host/index.ts";
import type { RunSummary } from "../../lifecycle/task.schema.ts";
import { fault, take } from "../../model/index.ts";
import type { Environment } from "../context.ts";
import { apis, type Charge } from "./model/answer.ts";
import { playerOf } from "./model/player.ts";
import { type ModelServer, modelServer } from "./model/server.ts";
import type { Sample } from "./sample.ts";

/** The first writes the reports too. */
const names = ["claude", "codex", "gemini"] as const;

/** Programs that were found, and how they are made to ask the server. */
export type Installed = { readonly name: string; readonly version: string | null; readonly driver: Driver };

/** Two at least: the report writer's, and another that checks. Throws `agent-missing`, with how to install what is not there. */
export async function installedAgents(host: Host): Promise<readonly Installed[]> {
  const there: Installed[] = [];
  const missing: Driver[] = [];
  for (const name of names) {
    const driver = take(driverFor(name));
    const { present, version } = await driver.detect(host, {});
    if (present) there.push({ name, version, driver });
    else missing.push(driver);
  }
  const lacksWriter = missing.some(({ name }) => name === names[0]);
  if (!lacksWriter && there.length > 1) return there;
  const lacking = lacksWriter ? missing.map(({ name }) => name) : names.slice(1);
  const commands = missing.flatMap(({ install = "" }) => (install === "" ? [] : [install]));
  throw fault(
    "agent-missing",
    `Real agents need ${names[0]}, and ${names.slice(1).join(" or ")}; not installed: ${lacking.join(", ")}`,
    `Install what is missing (${commands.join("; ")}), or play it without: okstra demo`,
    { missing: lacking, present: there.map(({ name }) => name) },
  );
}

/** What the server said and charged, beside what okstra counted. */
export type Bill = {
  readonly agents: readonly { readonly name: string; readonly version: string | null; readonly calls: number }[];
  readonly charged: Sums;
  readonly counted: Sums;
  /** Places outside at which those who built tried to write, each stage anew; none where nothing confines. */
  readonly attempts: number;
  /** Of these places, those that changed. */
  readonly changed: readonly string[];
};

/** Tokens. What was reasoned is in the output: one of the three APIs does not tell it apart. */
type Sums = { readonly input: number; readonly cachedInput: number; readonly output: number };

export type Cast = AsyncDisposable & {
  readonly names: readonly string[];
  readonly url: string;
  /** Keys of no account: they stand in no settings, so they come from okstra's environment. */
  readonly keys: Environment;
  /** `agents` of the project's settings. */
  readonly settings: Readonly<Record<string, AgentConfig>>;
  bill(runs: readonly RunSummary[]): Promise<Bill>;
};

/** Starts the server; `host` is the demo's own. */
export async function castOf(host: Host, installed: readonly Installed[], sample: Sample): Promise<Cast> {
  const text = (await host.files.readText(sample.scenario)) ?? "";
  const scenario = take(await checkScenario(text, sample.scenario));
  const [first, second] = [names[0], names[1]];
  // Whoever is third says what the second says: they agree.
  const parts = Object.fromEntries(installed.map(({ name }, index) => [name, index === 0 ? first : second]));
  const { confiner } = take(await findConfiner(host));
  const attempts = confiner === null ? [] : placesOutside(sample);
  const server = await modelServer(playerOf({ scenario, parts, builder: first, attempts }));
  const pointed = installed.map(({ name, driver }) => [name, driver.pointedAt?.(server.url)] as const);
  return {
    names: installed.map(({ name }) => name),
    url: server.url,
    keys: Object.assign({}, ...pointed.map(([, at]) => at?.keys ?? {})) as Environment,
    settings: Object.fromEntries(pointed.map(([name, at]) => [name, at?.config ?? {}])),
    bill: async (runs) => ({
      agents: installed.map(({ name, version }) => ({ name, version, calls: callsOf(server, name) })),
      charged: sumsOf(server.charged()),
      counted: counted(runs),
      attempts: attempts.length,
      changed: await planted(host, attempts),
    }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The project, its git, what okstra knows of it, the user's home, and a place beside all of these. */
const placesOutside = ({ root, folder }: Sample): readonly string[] => [
  ...["src/invoice.js", ".git/config", ".git/hooks/pre-commit", ".okstra/project.json"].map((name) => join(root, name)),
  ...["user/.bashrc", "outside.txt"].map((name) => join(folder, name)),
];

async function planted(host: Host, paths: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(paths.map((path) => host.files.readText(path)));
  return paths.filter((_, index) => texts[index]?.includes("planted") === true);
}

/** Each program speaks an API of its own, in the order of the names. */
const callsOf = (server: ModelServer, name: string): number =>
  server.calls.filter(({ api }) => names[apis.indexOf(api)] === name).length;

const sumsOf = (charge: Charge): Sums => ({
  input: charge.input + charge.cacheWrite,
  cachedInput: charge.cachedInput,
  output: charge.output + charge.reasoning,
});

function counted(runs: readonly RunSummary[]): Sums {
  const sum = (count: (usage: RunSummary["usage"]) => number): number =>
    runs.reduce((total, { usage }) => total + count(usage), 0);
  return {
    input: sum(({ inputTokens, cacheWriteTokens }) => inputTokens + cacheWriteTokens),
    cachedInput: sum(({ cachedInputTokens }) => cachedInputTokens),
    output: sum(({ outputTokens, reasoningTokens }) => outputTokens + reasoningTokens),
  };
}

export const isSettled = ({ charged, counted: seen, changed }: Bill): boolean =>
  charged.input === seen.input &&
  charged.cachedInput === seen.cachedInput &&
  charged.output === seen.output &&
  changed.length === 0;

/** For people. */
export function billLines(bill: Bill): string[] {
  const { agents, charged, counted: seen, attempts, changed } = bill;
  const shown = ({ input, cachedInput, output }: Sums): string =>
    `${input} input, ${cachedInput} cached input, ${output} output`;
  const who = agents.map(({ name, version, calls }) => `${name} ${version ?? "(version unknown)"}: ${calls} calls`);
  const tried =
    attempts === 0
      ? "Nothing confines on this machine (okstra doctor says more): no agent was made to write outside"
      : changed.length === 0
        ? `Each stage's agent tried to write to ${attempts} places outside of its worktree: nothing there changed`
        : `Written outside of every worktree: ${changed.join(", ")}`;
  return [
    `Agents: ${who.join("; ")}`,
    `The server charged  ${shown(charged)} tokens`,
    `okstra counted      ${shown(seen)} tokens${isSettled(bill) || changed.length > 0 ? "" : ": not the same"}`,
    tried,
  ];
}
