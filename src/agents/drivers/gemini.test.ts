import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testRepository } from "../../../test/repository.ts";
import { driverAsk, heardBy, recorded } from "../../../test/streams.ts";
import { gemini } from "./gemini.ts";

const hear = (name: string, exitCode = 0) => heardBy(gemini, recorded("gemini", name), { exitCode });
/** The recording holds two processes. */
const processes = (): string[][] => {
  const lines = recorded("gemini", "read-only");
  const second = lines.findLastIndex((line) => line.includes('"init"'));
  return [lines.slice(0, second), lines.slice(second)];
};

describe("its stream", () => {
  test("of a reading question: refused tools, who served, usage, the message after the last tool; then the session again", () => {
    expect(processes().flatMap((lines) => heardBy(gemini, lines))).toEqual([
      { type: "started", session: "00000000-0000-4000-8000-000000000001", model: null, family: null },
      { type: "text", text: "Looking." },
      { type: "tool-call", id: "read_file__call_0_0", name: "read_file" },
      { type: "tool-result", id: "read_file__call_0_0" },
      { type: "tool-call", id: "write_file__call_1_0", name: "write_file" },
      { type: "tool-call", id: "run_shell_command__call_1_1", name: "run_shell_command" },
      { type: "permission-denied", tool: "write_file" },
      { type: "tool-result", id: "write_file__call_1_0" },
      { type: "permission-denied", tool: "run_shell_command" },
      { type: "tool-result", id: "run_shell_command__call_1_1" },
      { type: "text", text: "I think it is good." },
      { type: "started", session: null, model: "gemini-3-pro", family: null },
      { type: "usage", usage: { input: 410, cachedInput: 40, cacheWrite: 0, output: 46, reasoning: 6, costUsd: null } },
      { type: "finished", text: "I think it is good." },
      { type: "started", session: "00000000-0000-4000-8000-000000000001", model: null, family: null },
      { type: "text", text: '{"good": 2}' },
      { type: "started", session: null, model: "gemini-3-pro", family: null },
      { type: "usage", usage: { input: 500, cachedInput: 3, cacheWrite: 0, output: 4, reasoning: 1, costUsd: null } },
      { type: "finished", text: '{"good": 2}' },
    ]);
  });

  test("joins the parts of a message, and forgets what stood before a tool", () => {
    const say = (content: string) => JSON.stringify({ type: "message", role: "assistant", content, delta: true });
    const tool = JSON.stringify({ type: "tool_use", tool_name: "glob", tool_id: "1" });
    const end = JSON.stringify({ type: "result", status: "success", stats: {} });
    expect(heardBy(gemini, [say("Before."), tool, say('{"go'), say('od": 1}'), end]).at(-1)).toEqual({
      type: "finished",
      text: '{"good": 1}',
    });
  });

  test.each([
    ["failed-401", 145, "auth"],
    ["failed-429", 173, "quota"],
    ["failed-429-until", 173, "quota"],
    ["failed-400", 144, "deterministic"],
    ["failed-500", 244, "transient"],
    ["failed-cut", 1, "transient"],
  ])("of %s ends in a failure of its kind", (name, exitCode, kind) => {
    const events = hear(name, exitCode);
    expect(events.at(-1)).toMatchObject({ type: "failed", kind, reason: expect.stringMatching(/\w/) });
    expect(events.filter(({ type }) => type === "finished")).toEqual([]);
    expect(events.filter(({ type }) => type === "quota").length > 0).toBe(kind === "quota");
  });

  test("of a failure has the provider's words, not the JSON that they come in", () => {
    const reason = (message: string): unknown => {
      const line = JSON.stringify({ type: "result", status: "error", error: { message }, stats: {} });
      return heardBy(gemini, [line]).find(({ type }) => type === "failed");
    };
    expect(hear("failed-401", 145).at(-1)).toMatchObject({
      reason: "API error 401 UNAUTHENTICATED: the server says no",
    });
    for (const other of ["[API Error: {no}]", '[API Error: {"error": 1}]', "[API Error: terminated]"])
      expect(reason(other)).toMatchObject({ reason: other });
  });

  test("of a quota has the time that the provider gave, counted from its line, and no other", () => {
    const quota = (name: string) => hear(name, 173).find((event) => event.type === "quota");
    expect(quota("failed-429")).toEqual({ type: "quota", resetAt: null });
    expect(quota("failed-429-until")).toEqual({ type: "quota", resetAt: "2026-01-01T01:00:00Z" });
  });

  test.each([
    [41, "auth"],
    [42, "deterministic"],
    [53, "deterministic"],
    [55, "deterministic"],
  ])("that never began: exit %i has a meaning", (exitCode, kind) => {
    expect(heardBy(gemini, [], { exitCode })).toEqual([{ type: "failed", kind, reason: expect.any(String) }]);
  });

  test("without a status in its sentence is named by the exit code, which is the status modulo 256", () => {
    const line = JSON.stringify({ type: "result", status: "error", error: { message: "[API Error: no]" }, stats: {} });
    const kind = (exitCode: number) => heardBy(gemini, [line], { exitCode }).at(-1);
    expect(kind(247)).toMatchObject({ kind: "transient" }); // 503
    expect(kind(147)).toMatchObject({ kind: "auth" }); // 403
    expect(kind(1)).toMatchObject({ kind: "unknown" });
  });

  test("cut short anywhere is never a success, also with exit 0", () => {
    const lines = recorded("gemini", "writing");
    for (let kept = 0; kept < lines.length; kept += 1)
      expect(heardBy(gemini, lines.slice(0, kept)).filter(({ type }) => type === "finished")).toEqual([]);
  });

  test("of garbage is unreadable, and nothing in a known line is taken on trust", () => {
    const type = fc.constantFrom("init", "message", "tool_use", "tool_result", "error");
    const known = fc.tuple(type, fc.jsonValue());
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      known.map(([type, value]) => JSON.stringify({ type, role: value, content: value, error: value, tool_id: value })),
      fc.jsonValue().map((value) => JSON.stringify({ type: "result", status: "error", error: value, stats: value })),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        expect(heardBy(gemini, lines).filter(({ type }) => type === "finished")).toEqual([]);
      }),
    );
    expect(heardBy(gemini, ["{", '{"type":"new"}'])).toEqual([
      { type: "unreadable", why: "not-json" },
      { type: "unreadable", why: "unknown-shape" },
    ]);
  });
});

describe("its command", () => {
  test("reading: its default mode, settings of its own, no address from the folder's .env", () => {
    using repo = testRepository();
    const ask = driverAsk({ model: "auto", extraWritable: ["/extra"], config: { env: { GEMINI_API_KEY: "k" } } });
    const { command, env, files, credentials, stdin } = gemini.command(repo.host, ask);
    const session = "--session-id 01234567-89ab-4def-8123-456789abcdef";
    expect(command.join(" ")).toBe(`/bin/agent -o stream-json -m auto ${session} --approval-mode default`);
    expect(env).toMatchObject({ GEMINI_CLI_NO_RELAUNCH: "true", GOOGLE_GEMINI_BASE_URL: "", CODE_ASSIST_ENDPOINT: "" });
    expect(stdin).toBe("Look at the code.");
    expect(files.map(({ path }) => path)).toEqual(["/home of agent/.gemini/settings.json"]);
    expect(JSON.parse(files[0]?.text ?? "")).toMatchObject({
      security: { auth: { selectedType: "gemini-api-key" }, folderTrust: { enabled: false } },
      privacy: { usageStatisticsEnabled: false },
      model: { maxSessionTurns: -1 },
    });
    expect(credentials[0]).toEqual({
      from: join(repo.folder, "user/.gemini/oauth_creds.json"),
      to: "/home of agent/.gemini/oauth_creds.json",
    });
  });

  test("writing, again: all tools, the folders added, turns, the kind of login that there is", () => {
    using repo = testRepository();
    const limits = { turns: 9, usd: null };
    const ask = driverAsk({ access: "workspace-write", extraWritable: ["/extra"], limits, systemText: "Be brief." });
    const { command, files, stdin } = gemini.resume(repo.host, ask, "the-session");
    expect(command.join(" ")).toBe(
      "/bin/agent -o stream-json --resume the-session --approval-mode yolo --include-directories /extra",
    );
    expect(JSON.parse(files[0]?.text ?? "")).toMatchObject({
      security: { auth: { selectedType: "oauth-personal" } },
      model: { maxSessionTurns: 9 },
    });
    expect(stdin).toBe("Be brief.\n\nLook at the code.");
  });
});

test("a folder with .gemini in it hinders it, whatever that is", async () => {
  using repo = testRepository();
  const ask = driverAsk({ cwd: repo.root });
  expect(await gemini.hindrance?.(repo.host, ask)).toBeUndefined();
  await repo.host.files.link("nowhere", join(repo.root, ".gemini"));
  expect(await gemini.hindrance?.(repo.host, ask)).toContain(".gemini");
});
