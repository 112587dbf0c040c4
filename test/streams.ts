/** Recorded streams of real agents (test/golden/streams), heard by a driver's parser as a process would be. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AgentEvent, Driver, DriverAsk } from "../src/agents/index.ts";
import { defaultAddress } from "./dispatch.ts";

/** An ask with paths that need not be there. */
export const driverAsk = (more: Partial<DriverAsk> = {}): DriverAsk => ({
  address: { ...defaultAddress, reask: 0 },
  prompt: "Look at the code.",
  first: null,
  cwd: "/tree",
  extraWritable: [],
  gitFolders: [],
  access: "read-only",
  model: null,
  session: "0123456789abcdef0123456789abcdef",
  systemText: null,
  schema: undefined,
  limits: { turns: null, usd: null },
  scratch: "/scratch",
  home: "/home of agent",
  used: null,
  program: "/bin/agent",
  confined: false,
  config: {},
  ...more,
});

/** The lines of a recording; a conversation of several processes has them one after the other. */
export function recorded(agent: string, name: string): readonly string[] {
  const file = fileURLToPath(new URL(`golden/streams/${agent}/${name}.jsonl`, import.meta.url));
  return readFileSync(file, "utf8").split("\n").filter(Boolean);
}

export function heardBy(
  driver: Driver,
  lines: readonly string[],
  { exitCode = 0, ask = driverAsk() }: { exitCode?: number; ask?: DriverAsk } = {},
): readonly AgentEvent[] {
  const parser = driver.listen(ask);
  const heard = lines.flatMap((text) => parser.hear({ text, cut: false }));
  return [...heard, ...parser.end({ exitCode, signal: null })];
}
