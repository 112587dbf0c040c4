import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testRepository } from "../../../test/repository.ts";
import { driverAsk, heardBy, recorded } from "../../../test/streams.ts";
import { nodeHost } from "../../host/node/index.ts";
import { claude } from "./claude.ts";

const hear = (name: string) => heardBy(claude, recorded("claude", name));
const types = (name: string): string[] => hear(name).map(({ type }) => type);

describe("its stream", () => {
  test("of a reading question: who serves, tools in pairs, usage before the end; then the same session again", () => {
    const told = types("read-only");
    const tools = ["tool-call", "tool-result"];
    expect(told.filter((type) => !tools.includes(type))).toEqual([
      ...["started", "started", "text", "text", "usage", "finished"],
      ...["started", "text", "usage", "finished"],
    ]);
    expect(tools.map((type) => told.filter((one) => one === type).length)).toEqual([5, 5]);
    const started = hear("read-only").filter((event) => event.type === "started");
    expect(new Set(started.map(({ session }) => session)).size).toBe(2); // one id, and null from who only tells the model
    expect(started.map(({ model }) => model)).toEqual([null, "claude-opus-5-5", null]);
    expect(hear("read-only").filter((event) => event.type === "usage")).toEqual([
      {
        type: "usage",
        usage: { input: 400, cachedInput: 40, cacheWrite: 7, output: 35, reasoning: 0, costUsd: expect.any(Number) },
      },
      // Of the second process alone, though the session's sums are in the line too.
      {
        type: "usage",
        usage: { input: 500, cachedInput: 3, cacheWrite: 0, output: 4, reasoning: 0, costUsd: expect.any(Number) },
      },
    ]);
  });

  test("tells a refused write once", () => {
    expect(hear("writing").filter(({ type }) => type === "permission-denied")).toEqual([
      { type: "permission-denied", tool: "Write" },
    ]);
  });

  test("gives a structured answer as JSON, not the text beside it", () => {
    expect(hear("schema").at(-1)).toEqual({ type: "finished", text: '{"good":3}' });
  });

  test.each([
    ["failed-401", "auth"],
    ["failed-400", "deterministic"],
    ["failed-500", "transient"],
    ["failed-cut", "transient"],
    ["failed-refused", "transient"],
    ["failed-turns", "deterministic"],
  ])("of %s ends in a failure of its kind, and its own words about it are no answer", (name, kind) => {
    const events = hear(name);
    expect(events.at(-1)).toMatchObject({ type: "failed", kind, reason: expect.stringMatching(/\w/) });
    expect(events.filter(({ type }) => type === "finished" || type === "text")).toEqual([]);
  });

  test("of a quota has the time only where the provider gave it", () => {
    const quota = (name: string) => hear(name).filter((event) => event.type === "quota");
    expect(quota("failed-429")).toEqual([{ type: "quota", resetAt: null }]);
    expect(quota("failed-429-until")).toEqual(Array(2).fill({ type: "quota", resetAt: "2030-01-02T03:04:05Z" }));
    expect(hear("failed-429").at(-1)).toMatchObject({ type: "failed", kind: "quota" });
  });

  test("cut short anywhere is never a success", () => {
    const lines = recorded("claude", "schema");
    for (let kept = 0; kept < lines.length; kept += 1) {
      const heard = heardBy(claude, lines.slice(0, kept));
      expect(heard.filter(({ type }) => type === "finished" || type === "usage")).toEqual([]);
    }
  });

  test("of garbage is unreadable, and nothing in a known line is taken on trust", () => {
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .tuple(fc.constantFrom("system", "assistant", "user", "result", "rate_limit_event"), fc.jsonValue())
        .map(([type, value]) =>
          JSON.stringify({ type, subtype: value, message: value, is_error: value, usage: value }),
        ),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        expect(heardBy(claude, lines).filter(({ type }) => type === "finished")).toEqual(
          lines.filter((text) => /"type":"result".*"is_error":false/.test(text)).map(() => expect.anything()),
        );
      }),
    );
    expect(heardBy(claude, ["{", '{"type":"new"}', "7", ""])).toEqual([
      { type: "unreadable", why: "not-json" },
      { type: "unreadable", why: "unknown-shape" },
      { type: "unreadable", why: "unknown-shape" },
    ]);
  });
});

describe("its command", () => {
  test("reading: no tool that writes exists, no settings of the tree, the prompt on stdin", () => {
    using repo = testRepository();
    const launch = claude.command(repo.host, driverAsk({ model: "claude-opus-5-5" }));
    expect(launch.command).toEqual([
      "/bin/agent",
      "-p",
      ...["--output-format", "stream-json", "--verbose", "--model", "claude-opus-5-5"],
      ...["--session-id", "01234567-89ab-4def-8123-456789abcdef"],
      ...["--permission-mode", "dontAsk", "--tools", "Read,Grep,Glob"],
      ...["--setting-sources", "user", "--strict-mcp-config", "--disable-slash-commands"],
    ]);
    expect(launch.stdin).toBe("Look at the code.");
    expect(launch.env).toMatchObject({ DISABLE_AUTOUPDATER: "1", CLAUDE_CODE_MAX_RETRIES: "5" });
    expect(launch.credentials).toEqual([
      { from: join(repo.folder, "user/.claude/.credentials.json"), to: "/home of agent/.claude/.credentials.json" },
    ]);
  });

  test("writing, again, with all that can be asked for", () => {
    using repo = testRepository();
    const schema = { $schema: "https://json-schema.org/draft/2020-12/schema", $id: "urn:x", type: "object" };
    const ask = driverAsk({
      access: "workspace-write",
      extraWritable: ["/extra"],
      schema,
      systemText: "Be brief.",
      limits: { turns: 9, usd: 1.5 },
      config: { args: ["--effort", "high"], env: { CLAUDE_CODE_MAX_RETRIES: "1" } },
    });
    const { command, env } = claude.resume(repo.host, ask, "the-session");
    expect(command.join(" ")).toBe(
      "/bin/agent -p --output-format stream-json --verbose --resume the-session --permission-mode acceptEdits " +
        "--tools Read,Grep,Glob,Edit,Write,Bash --allowedTools Bash --add-dir /extra --setting-sources user " +
        "--strict-mcp-config --disable-slash-commands --append-system-prompt Be brief. " +
        '--json-schema {"type":"object"} --max-turns 9 --max-budget-usd 1.5 --effort high',
    );
    expect(env["CLAUDE_CODE_MAX_RETRIES"]).toBe("1");
    const list = claude.command(repo.host, driverAsk({ schema: { type: "array" } }));
    expect(list.command).not.toContain("--json-schema");
  });
});

describe("finding it", () => {
  test("by its package, with the version written there and a login as far as a file tells", async () => {
    using repo = testRepository();
    const bin = join(repo.folder, "lib/node_modules/claude/bin/claude");
    repo.write(bin, "#!/bin/sh\nexit 9\n");
    await repo.host.processes.run({ command: ["chmod", "+x", bin], cwd: repo.folder, env: { PATH: "/usr/bin:/bin" } });
    repo.write(join(repo.folder, "lib/node_modules/claude/package.json"), '{"version": "9.8.7"}');
    const config = { command: bin };
    expect(await claude.detect(repo.host, config)).toMatchObject({
      present: true,
      path: bin,
      version: "9.8.7",
      ...(process.platform === "darwin"
        ? { loggedIn: null }
        : { loggedIn: false, note: "not logged in", remedy: "Start claude once, or set ANTHROPIC_API_KEY" }),
    });
    repo.write(join(repo.folder, "user/.claude/.credentials.json"), "{}");
    expect(await claude.detect(repo.host, config)).toMatchObject({ loggedIn: true, note: "" });
    const keyed = { ...config, env: { ANTHROPIC_API_KEY: "k" } };
    expect(await claude.detect(repo.host, keyed)).toMatchObject({ loggedIn: true });
  });

  test("or asks it for its version in a home that is thrown away; what is not there is not there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "okstra-claude-"));
    try {
      const env = { PATH: `${folder}:/usr/bin:/bin`, HOME: folder };
      const host = nodeHost({ env, packageRoot: folder });
      expect(await claude.detect(host, {})).toMatchObject({ present: false, note: "claude is not on the PATH" });
      const script = `#!/bin/sh\n[ "$HOME" != '${folder}' ] && echo "2.1.329 (Claude Code)"\n`;
      await host.files.replaceFile(join(folder, "claude"), script, { mode: 0o755 });
      expect(await claude.detect(host, {})).toMatchObject({ present: true, version: "2.1.329" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
