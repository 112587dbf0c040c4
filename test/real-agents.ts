/**
 * The real agent programs, pinned in test/agents (installed by `npm ci` there), driven by okstra's own dispatch against our model
 * server. Nothing of the user is seen: empty home, dummy keys, and no address but 127.0.0.1.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type ClockLimits,
  type DispatchAsk,
  type DispatchEvent,
  dispatch,
  driverFor,
  keepSessionLogs,
} from "../src/agents/index.ts";
import { type TokenUse, take } from "../src/model/index.ts";
import { type Asked, asking, type Good, nothingLeft, patient } from "./dispatch.ts";
import { assertGolden } from "./golden.ts";
import type { Call, ModelServer } from "./model-server.ts";
import type { TestRepository } from "./repository.ts";

const modules = fileURLToPath(new URL("agents/node_modules", import.meta.url));

/** The programs themselves and not their launchers, so that a test does not wait for a second Node. */
const programs: Readonly<Record<string, string>> = {
  claude: `@anthropic-ai/claude-code-${process.platform}-${process.arch}/claude`,
  // The launcher: the driver itself finds what is inside.
  codex: "@openai/codex/bin/codex.js",
  gemini: ".bin/gemini",
};

/** Where a pinned program is, or why it cannot be driven here. */
export function pinned(agent: string): { readonly path: string } | { readonly missing: string } {
  const path = join(modules, programs[agent] ?? "none");
  return existsSync(path) ? { path } : { missing: `${agent} is not installed: npm ci --prefix test/agents` };
}

/** `describe.skipIf` and the name of the suite, which says why it was skipped. */
export function suiteOf(agent: string): { readonly skip: boolean; readonly name: string } {
  const at = pinned(agent);
  return "path" in at ? { skip: false, name: agent } : { skip: true, name: `${agent} (skipped: ${at.missing})` };
}

type More = Partial<DispatchAsk<Good>>;

type RealAsked = Asked & { readonly ask: DispatchAsk<Good> };

/** Real programs start slowly on a busy machine, and Gemini CLI now and then stands still for a quarter of a minute. */
export const unhurried: ClockLimits = {
  ...patient,
  firstEventMs: 120_000,
  idleMs: 120_000,
  softMs: 170_000,
  hardMs: 180_000,
  lingerMs: 60_000,
};

/** For a suite of them: longer than the clocks, so that a dispatch that hangs is an outcome and not a test that was cut off. */
export const long = { timeout: 240_000 } as const;

/** One dispatch of a real program; `configOf` below says how it is pointed at the server. */
export async function askedReal(
  repo: TestRepository,
  agent: string,
  server: Pick<ModelServer, "url">,
  more: More = {},
): Promise<RealAsked> {
  const events: DispatchEvent[] = [];
  const ask: DispatchAsk<Good> = {
    ...asking(repo, "  - {when: {}}"),
    driver: take(driverFor(agent)),
    config: configOf(agent, server.url),
    model: models[agent] ?? null,
    family: families[agent] ?? "unknown",
    clocks: unhurried,
    onEvent: (event) => events.push(event),
    ...more,
  };
  const outcome = take(await dispatch(repo.host, ask));
  await nothingLeft(repo, ask.mark);
  return { outcome, events, log: repo.read(ask.logPath) ?? "", ask };
}

/** The names of the tools that a program offered its model. */
export function offered(call: Call | undefined): readonly string[] {
  const tools = (call?.body["tools"] ?? []) as readonly Readonly<Record<string, unknown>>[];
  const declared = tools.flatMap((tool) => (tool["functionDeclarations"] as typeof tools | undefined) ?? [tool]);
  return declared.map(({ name, type }) => String(name ?? type)).sort();
}

/** What Codex told its model of each tool that the answer to call `number` had asked for, in their order. */
export function answersTo(call: Call | undefined, number: number): readonly string[] {
  const items = (call?.body["input"] ?? []) as readonly Readonly<Record<string, unknown>>[];
  const outputs = items.filter((item) => "output" in item && String(item["call_id"]).startsWith(`call_${number}_`));
  return outputs
    .sort((a, b) => String(a["call_id"]).localeCompare(String(b["call_id"])))
    .map(({ output }) => JSON.stringify(output));
}

const families: Readonly<Record<string, string>> = { claude: "anthropic", codex: "openai", gemini: "google" };
const models: Readonly<Record<string, string>> = {
  claude: "claude-opus-5-5",
  codex: "gpt-5.5",
  gemini: "gemini-3-pro",
};

/** As the demo points a program at a server; its key of no account in the settings, which only a test may. */
export function configOf(agent: string, url: string): DispatchAsk<Good>["config"] {
  const at = pinned(agent);
  const pointed = take(driverFor(agent)).pointedAt?.(url);
  if (pointed === undefined) throw new Error(`${agent} is not driven`);
  const { config, keys } = pointed;
  return { ...config, command: "path" in at ? at.path : agent, env: { ...config.env, ...keys } };
}

/** Keeps a stream as the golden that the unit tests of the driver read. */
export function keepStream(repo: TestRepository, agent: string, name: string, log: string): void {
  if (process.env["UPDATE_GOLDEN"] === "1") assertGolden(`streams/${agent}/${name}.jsonl`, unshared(repo, log));
}

/** What no two runs share is taken out. */
function unshared(repo: TestRepository, log: string): string {
  const seen = new Map<string, string>();
  return log
    .replaceAll(repo.folder, "/folder")
    .replaceAll(/-tmp-okstra-[\w-]+/g, "-folder")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:80")
    .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "2026-01-01T00:00:00Z")
    .replaceAll(/("\w*(?:duration|ttft|_ms)\w*":)\d+/g, "$10")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
      const name = seen.get(id) ?? `00000000-0000-4000-8000-${String(seen.size + 1).padStart(12, "0")}`;
      seen.set(id, name);
      return name;
    });
}

/** What the program's own log of the session says that it used. Keeps the lines that say it, as the golden of the unit tests. */
export async function loggedUse(repo: TestRepository, agent: string, asked: RealAsked): Promise<TokenUse | null> {
  const to = (n: number) => join(repo.folder, `session-${n}.log`);
  const { sessions } = asked.outcome;
  const { said } = take(await keepSessionLogs(repo.host, { homes: [asked.ask.home], sessions, secrets: [], to }));
  const mark = take(driverFor(agent)).log?.mark ?? "none";
  const lines = (repo.read(to(1)) ?? "").split("\n").filter((line) => line.includes(mark));
  if (process.env["UPDATE_GOLDEN"] === "1")
    assertGolden(`session-logs/${agent}.jsonl`, `${unshared(repo, lines.join("\n"))}\n`);
  return said?.use ?? null;
}
