import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { SessionLog } from "./contract.ts";
import { driverFor } from "./drivers/registry.ts";
import { logUse } from "./log-use.ts";

const logOf = (agent: string): SessionLog => {
  const { log } = driverFor(agent);
  return log ?? expect.unreachable(`${agent} has no log`);
};
const useOf = (agent: string, ...texts: readonly string[]) =>
  logUse(texts.map((text) => ({ of: logOf(agent), bytes: Buffer.from(text) })))?.use ?? null;

/** Recorded from the real programs: the lines that tell of a call. */
const recorded = (agent: string): string =>
  readFileSync(new URL(`../../test/golden/session-logs/${agent}.jsonl`, import.meta.url), "utf8");

/** What the server charged for the calls of the recording (test/real-agents.test.ts). */
const charged = {
  claude: { input: 900, cachedInput: 43, cacheWrite: 7, output: 39, reasoning: 0, costUsd: null },
  codex: { input: 920, cachedInput: 183, cacheWrite: 0, output: 50, reasoning: 7, costUsd: null },
  gemini: { input: 910, cachedInput: 43, cacheWrite: 0, output: 50, reasoning: 7, costUsd: null },
};

describe.each(["claude", "codex", "gemini"] as const)("%s", (agent) => {
  const log = recorded(agent);

  test("its log comes to what was charged, however often it tells of a call", () => {
    expect(useOf(agent, log)).toEqual(charged[agent]);
    expect(useOf(agent, log, log)).toEqual(charged[agent]);
  });

  test("a line that was torn, or is of something else, counts for nothing", () => {
    const noise = `{"type":"user","content":"${JSON.stringify(log.slice(0, 400)).slice(1, -1)}"}\nnot JSON "tokens"\n`;
    expect(useOf(agent, `${noise}${log}${log.slice(0, 50)}`)).toEqual(charged[agent]);
    expect(useOf(agent, noise)).toBeNull();
    expect(useOf(agent, "")).toBeNull();
  });
});

test("of a message that is written again the last counts", () => {
  const line = (output: number) => JSON.stringify({ id: "m", type: "gemini", tokens: { input: 5, cached: 2, output } });
  expect(useOf("gemini", `${line(1)}\n${line(4)}\n`)).toMatchObject({ input: 3, cachedInput: 2, output: 4 });
});

test("a chat that is one document over many lines", () => {
  const tokens = { input: 5, output: 1, cached: 2, thoughts: 3, tool: 0, total: 9 };
  const messages = [
    { id: "u", type: "user" },
    { id: "m", type: "gemini", tokens },
  ];
  expect(useOf("gemini", JSON.stringify({ sessionId: "s", messages }, null, 2))).toMatchObject({ reasoning: 3 });
});

test("the longest prompt is told, with what of it came from a cache", () => {
  const longest = { claude: 503, codex: 503, gemini: 503 };
  for (const agent of ["claude", "codex", "gemini"] as const)
    expect(logUse([{ of: logOf(agent), bytes: Buffer.from(recorded(agent)) }])?.longestPrompt).toBe(longest[agent]);
});

test("numbers that cannot be make the whole unknown", () => {
  const line = (input: unknown) => JSON.stringify({ id: `${input}`, type: "gemini", tokens: { input } });
  expect(useOf("gemini", line(5))).toMatchObject({ input: 5 });
  for (const wrong of [-1, "5", 1e12]) expect(useOf("gemini", `${line(5)}\n${line(wrong)}`)).toBeNull();
});
