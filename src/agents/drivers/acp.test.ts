import { expect, test } from "vitest";
import { testRepository } from "../../../test/repository.ts";
import { driverAsk, heardBy, recorded } from "../../../test/streams.ts";
import { acp } from "./acp.ts";
import { driverFor } from "./registry.ts";

type Json = Record<string, unknown>;

// The recordings are made by test/deep/acp.test.ts, through the client program and an agent that speaks the protocol.

test("what a loaded conversation tells of earlier is passed over, and its earlier use is taken off", () => {
  const lines = recorded("acp", "resume");
  const second = lines.findLastIndex((line) => line.includes('"loadSession"'));
  const used = { input: 20, cachedInput: 0, cacheWrite: 0, output: 10, reasoning: 0, costUsd: null };
  expect(heardBy(acp, lines.slice(second), { ask: driverAsk({ used }) })).toEqual([
    { type: "started", session: "acp-1", model: null, family: null },
    { type: "text", text: '{"good":7}' },
    { type: "usage", usage: used },
    { type: "finished", text: '{"good":7}' },
  ]);
});

test("writing: a refusal is told, calls and results pair", () => {
  const types = heardBy(acp, recorded("acp", "writing")).map(({ type }) => type);
  expect(types).toEqual([
    ...["started", "tool-call", "tool-result", "tool-call", "permission-denied", "tool-result", "text", "finished"],
  ]);
});

test("the answer is what comes after a refused tool, also of one that was only asked for; details of an error are told", () => {
  const open = JSON.stringify({ okstra: "open", session: "s", model: null });
  const said = (text: string) =>
    JSON.stringify({
      method: "session/update",
      params: { update: { sessionUpdate: "agent_message_chunk", content: { type: "text", text } } },
    });
  const asks = JSON.stringify({ id: 0, method: "session/request_permission", params: {} });
  const end = JSON.stringify({ id: 5, result: { stopReason: "end_turn" } });
  expect(heardBy(acp, [open, said("Looking. "), asks, said('{"good"'), said(":7}"), end]).at(-1)).toEqual({
    type: "finished",
    text: '{"good":7}',
  });
  const failed = { id: 2, error: { code: -32603, message: "Internal error", data: { details: "no such session" } } };
  expect(heardBy(acp, [JSON.stringify(failed)])).toEqual([
    { type: "failed", reason: "Internal error: no such session", kind: "unknown" },
  ]);
});

test("a tool that is only asked for is a call: open until it is done or refused", () => {
  const open = JSON.stringify({ okstra: "open", session: "s", model: null });
  const asks = (id: string) =>
    JSON.stringify({ method: "session/request_permission", params: { toolCall: { toolCallId: id, kind: "execute" } } });
  const refused = JSON.stringify({ okstra: "refused", tool: "rm", toolCallId: "b" });
  const update = { sessionUpdate: "tool_call_update", toolCallId: "a", status: "completed" };
  const done = JSON.stringify({ method: "session/update", params: { update } });
  expect(heardBy(acp, [open, asks("a"), asks("b"), refused, done, done]).slice(1, -1)).toEqual([
    { type: "tool-call", id: "a", name: "execute" },
    { type: "tool-call", id: "b", name: "execute" },
    { type: "permission-denied", tool: "rm" },
    { type: "tool-result", id: "b" },
    { type: "tool-result", id: "a" },
  ]);
  const heard = heardBy(acp, recorded("acp", "gemini-read-only"));
  expect(heard.filter(({ type }) => type === "tool-call")).toHaveLength(3);
  expect(heard.filter(({ type }) => type === "tool-result")).toHaveLength(3);
  expect(heard.at(-1)).toEqual({ type: "finished", text: '{"good": 2}' });
});

test("every recording tells the same again, and no line of any kind throws", () => {
  const heard = heardBy(acp, recorded("acp", "read-only"));
  expect(heard[0]).toEqual({ type: "started", session: "acp-1", model: "gpt-5.5", family: null });
  expect(heard.at(-1)).toEqual({ type: "finished", text: '{"good":7}' });
  for (const line of ["null", "[]", '"x"', '{"okstra":7}', '{"id":5}', '{"error":1}', '{"method":"session/update"}'])
    expect(() => heardBy(acp, [line])).not.toThrow();
});

test("counts whose sum does not say how they stand are no usage", () => {
  const line = (usage: Json) => JSON.stringify({ jsonrpc: "2.0", id: 5, result: { stopReason: "end_turn", usage } });
  const open = JSON.stringify({ okstra: "open", session: "s", model: null });
  const used = (usage: Json) => heardBy(acp, [open, line(usage)]).find(({ type }) => type === "usage");
  const counts = { inputTokens: 100, outputTokens: 30, thoughtTokens: 10, cachedReadTokens: 40 };
  expect(used({ ...counts, totalTokens: 180 })).toMatchObject({ usage: { input: 100, cachedInput: 40, output: 30 } });
  expect(used({ ...counts, totalTokens: 140 })).toMatchObject({ usage: { input: 60, output: 30, reasoning: 10 } });
  expect(used({ ...counts, totalTokens: 130 })).toMatchObject({ usage: { input: 60, output: 20, reasoning: 10 } });
  expect(used({ ...counts, totalTokens: 999 })).toBeUndefined();
  expect(used({ outputTokens: 1 })).toBeUndefined();
});

test("its command names the client, the agent behind --, and where it may write", async () => {
  using repo = testRepository();
  const ask = driverAsk({
    access: "workspace-write",
    extraWritable: ["/more"],
    gitFolders: ["/git"],
    model: "m",
    program: "/bin/zed",
    config: { command: "zed", args: ["--acp"], permissions: "code" },
  });
  const { command, stdin } = acp.resume(repo.host, ask, "s-1");
  expect(command.slice(2)).toEqual([
    ...["--access", "workspace-write", "--session", "s-1", "--mode", "code", "--model", "m"],
    ...["--writable", "/more", "--writable", "/git", "--", "/bin/zed", "--acp"],
  ]);
  expect(stdin).toBe("Look at the code.");
  expect(driverFor("acp:zed")).toBe(acp);
  expect(() => driverFor("acp:")).toThrow(/No agent is called/);
  expect(await acp.detect(repo.host, {})).toMatchObject({ present: false, note: "its command is not set" });
  expect(await acp.detect(repo.host, { command: "no-such-agent" })).toMatchObject({ present: false });
  expect(await acp.family(repo.host, { family: "zed" }, "acp:zed")).toBe("zed");
  expect(await acp.family(repo.host, { command: "x" }, "acp:zed")).toBe("unknown");
});
