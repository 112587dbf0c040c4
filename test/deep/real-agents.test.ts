/**
 * Every way in which the provider or the system can fail a real program: the named outcome, in bounded time, nothing left. One
 * program at a time.
 */
import { describe, expect, test } from "vitest";
import type { DispatchAsk, DispatchOutcome } from "../../src/agents/index.ts";
import type { Good } from "../dispatch.ts";
import { type Answer, chargeOf, inOrder, modelServer, type ToolCall } from "../model-server.ts";
import { askedReal, configOf, keepStream, loggedUse, long, suiteOf, unhurried } from "../real-agents.ts";
import { testRepository } from "../repository.ts";

type Expected = Partial<DispatchOutcome<Good>>;
type Case = readonly [name: string, answer: Answer, expected: Expected];

const refusal = (status: number, headers: Readonly<Record<string, string>> = {}): Answer & { is: "refusal" } => ({
  is: "refusal",
  status,
  message: "the server says no",
  headers,
});

const failing: readonly Case[] = [
  ["401", refusal(401), { status: "error", reason: "auth" }],
  ["429", refusal(429), { status: "error", reason: "quota", resetAt: null }],
  ["400", refusal(400), { status: "error", reason: "agent-failed" }],
  ["500", refusal(500), { status: "error", reason: "agent-failed" }],
  ["cut", { is: "cut", text: "half of" }, { status: "error", reason: "agent-failed" }],
];
const kinds: Readonly<Record<string, string>> = { "400": "deterministic", "500": "transient", cut: "transient" };

describe.each(["claude", "codex", "gemini"])("%s", (agent) => {
  const suite = suiteOf(agent);
  describe.skipIf(suite.skip)(suite.name, () => {
    test.each(failing)("%s: an error with its name", async (name, answer, expected) => {
      using repo = testRepository();
      await using server = await modelServer(() => answer);
      const { outcome, log } = await askedReal(repo, agent, server);
      keepStream(repo, agent, `failed-${name}`, log);
      expect(outcome).toMatchObject({ ...expected, value: null, reasks: 0 });
      // Nothing was charged; unknown is true as well. A stream that was cut had already said what its call takes in, and its first token.
      const { input: _, output: __, ...charged } = server.charged();
      const begun = answer.is === "cut" ? server.calls.length : 0;
      const takesIn = answer.is === "cut" ? chargeOf({ is: "reply", text: answer.text }).input : 0;
      if (outcome.usage !== null) expect(outcome.usage).toMatchObject(charged);
      expect(outcome.usage?.input ?? 0).toBeLessThanOrEqual(takesIn * begun);
      expect(outcome.usage?.output ?? 0).toBeLessThanOrEqual(begun);
      if (name in kinds) expect(outcome.failure?.kind).toBe(kinds[name]);
    });

    test("what was charged before a failure is counted, or unknown where it does not say", async () => {
      using repo = testRepository();
      const tool = reading(agent, `${repo.root}/README.md`);
      const charge = { input: 100, cachedInput: 7, output: 9, reasoning: agent === "claude" ? 0 : 3 };
      await using server = await modelServer(inOrder({ is: "reply", tools: [tool], charge }));
      const asked = await askedReal(repo, agent, server);
      const { outcome } = asked;
      expect(outcome).toMatchObject({ status: "error", reason: "agent-failed" });
      if (agent === "codex") expect(outcome.usage).toBe(null);
      else expect(outcome.usage).toMatchObject(server.charged());
      expect(await loggedUse(repo, agent, asked)).toMatchObject(server.charged());
    });

    test("a connection refused: transient, by its own word or by the idle clock", async () => {
      using repo = testRepository();
      const server = await modelServer(() => refusal(500));
      await server[Symbol.asyncDispose]();
      // Codex goes on trying for ever; the others give up by themselves.
      const clocks = { ...unhurried, idleMs: agent === "codex" ? 6_000 : unhurried.idleMs };
      const { outcome, log } = await askedReal(repo, agent, server, { clocks });
      if (outcome.reason !== "idle") keepStream(repo, agent, "failed-refused", log);
      expect(outcome.failure?.kind).toBe("transient");
      expect(outcome.reason).toBe(agent === "codex" ? "idle" : "agent-failed");
    });

    test("a server that says nothing: idle", async () => {
      using repo = testRepository();
      await using server = await modelServer(() => ({ is: "silence" }));
      // A program may stand still before it asks, a quarter of a minute now and then: then it gets longer than that.
      for (const idleMs of [8_000, 60_000]) {
        const { outcome } = await askedReal(repo, agent, server, { clocks: { ...unhurried, idleMs } });
        expect(outcome).toMatchObject({ status: "timeout", reason: "idle" });
        if (server.calls.length > 0) break;
      }
      expect(server.calls.length).toBeGreaterThan(0);
    });

    test.each(["SIGTERM", "SIGKILL"] as const)("%s from outside: an error, never a result", async (signal) => {
      using repo = testRepository();
      await using server = await modelServer(() => ({ is: "silence" }));
      let pid = 0;
      const ending: Partial<DispatchAsk<Good>> = {
        onSpawned: async (child) => {
          pid = child.pid;
        },
        onEvent: ({ type }) => {
          if (type === "started") process.kill(pid, signal);
        },
      };
      const { outcome } = await askedReal(repo, agent, server, ending);
      expect(outcome).toMatchObject({ status: "error", value: null, usage: null });
      expect(["killed", "no-success-event"]).toContain(outcome.reason);
    });
  });
});

/** A call of the tool that each reads with. */
function reading(agent: string, path: string): ToolCall {
  if (agent === "claude") return { name: "Read", input: { file_path: path } };
  if (agent === "codex") return { name: "exec_command", input: { cmd: `cat '${path}'` } };
  return { name: "read_file", input: { file_path: path } };
}

const codex = suiteOf("codex");
test.skipIf(codex.skip)(
  `${codex.name}: 429 with a time, which it tells in words only: quota without one`,
  long,
  async () => {
    using repo = testRepository();
    const fields = { resets_at: Date.UTC(2030, 0, 2, 3, 4, 5) / 1000, plan_type: "pro" };
    await using server = await modelServer(() => ({ ...refusal(429, { "retry-after": "3600" }), fields }));
    const { outcome, log } = await askedReal(repo, "codex", server);
    keepStream(repo, "codex", "failed-429-until", log);
    expect(outcome).toMatchObject({ status: "error", reason: "quota", resetAt: null });
    expect(outcome.message).toMatch(/try again at Jan 2nd, 2030/i);
  },
);

const gemini = suiteOf("gemini");
test.skipIf(gemini.skip)(`${gemini.name}: 429 with a time: the one that the provider gave`, long, async () => {
  using repo = testRepository();
  const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "3600s" }];
  await using server = await modelServer(() => ({ ...refusal(429), fields: { details } }));
  const from = Date.now();
  const { outcome, log } = await askedReal(repo, "gemini", server);
  keepStream(repo, "gemini", "failed-429-until", log);
  expect(outcome).toMatchObject({ status: "error", reason: "quota" });
  const resetAt = Date.parse(outcome.resetAt ?? "") - 3_600_000;
  expect(resetAt).toBeGreaterThanOrEqual(from);
  expect(resetAt).toBeLessThanOrEqual(Date.now() + 1_000);
});

const claude = suiteOf("claude");
describe.skipIf(claude.skip)(claude.name, () => {
  test("429 of an account's login: the time that the provider gave", async () => {
    using repo = testRepository();
    const until = String(Date.UTC(2030, 0, 2, 3, 4, 5) / 1000);
    const limit = { status: "rejected", reset: until, "representative-claim": "five_hour", "5h-reset": until };
    const headers = Object.fromEntries(
      Object.entries(limit).map(([name, value]) => [`anthropic-ratelimit-unified-${name}`, value]),
    );
    await using server = await modelServer(() => refusal(429, headers));
    const { env, ...config } = configOf("claude", server.url);
    const login = { ANTHROPIC_API_KEY: "", CLAUDE_CODE_OAUTH_TOKEN: "dummy-token-of-no-account" };
    const { outcome, log } = await askedReal(repo, "claude", server, {
      config: { ...config, env: { ...env, ...login } },
    });
    keepStream(repo, "claude", "failed-429-until", log);
    expect(outcome).toMatchObject({ status: "error", reason: "quota", resetAt: "2030-01-02T03:04:05Z" });
  });

  test("its turn limit ends it as a failure that would come again", async () => {
    using repo = testRepository();
    const read = { name: "Read", input: { file_path: `${repo.root}/README.md` } };
    await using server = await modelServer(() => ({ is: "reply", tools: [read] }));
    const { outcome, log } = await askedReal(repo, "claude", server, { limits: { turns: 1, usd: null } });
    keepStream(repo, "claude", "failed-turns", log);
    expect(outcome).toMatchObject({ status: "error", reason: "agent-failed", failure: { kind: "deterministic" } });
    expect(outcome.usage).toMatchObject(server.charged());
  });
});
