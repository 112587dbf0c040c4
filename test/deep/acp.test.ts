/** Agents of the Agent Client Protocol, as processes: the client program of okstra and an agent of our own that speaks the public protocol. */
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { acp } from "../../src/agents/drivers/acp.ts";
import { confiner, unlessConfined } from "../confiner.ts";
import { type Asked, asked } from "../dispatch.ts";
import { assertGolden } from "../golden.ts";
import { type TestRepository, testRepository } from "../repository.ts";
import { configure } from "../rig/attempts.ts";
import { files, initialise, key, noFindings } from "../rig/calculator.ts";
import { openRig } from "../rig/rig.ts";

type Json = Record<string, unknown>;

/** The agent of our own that speaks the protocol: what it does stands in the prompt. */
const puppet = fileURLToPath(new URL("../acp/puppet.mjs", import.meta.url));
const does = (acts: readonly Json[], more: Json = {}): string => JSON.stringify({ acp: acts, ...more });
const good = { result: { good: 7 } };

type More = { readonly flags?: readonly string[]; readonly mode?: string } & NonNullable<Parameters<typeof asked>[2]>;

const played = (repo: TestRepository, prompt: string, { flags = [], mode, ...more }: More = {}): Promise<Asked> =>
  asked(repo, "schemaVersion: 1", {
    driver: acp,
    config: {
      command: repo.host.machine.nodePath,
      args: [puppet, ...flags],
      ...(mode === undefined ? {} : { permissions: mode }),
    },
    family: "unknown",
    prompt,
    ...more,
  });

const edit = (path: string, ask = true): Json => ({ tool: { kind: "edit", path, ask } });

describe("through the client program and an agent of the public protocol", () => {
  test("read-only: it reads, is refused to write, and its last message is the result", async () => {
    using repo = testRepository();
    const acts = [{ think: "hm" }, { say: "Looking." }, { tool: { kind: "read", path: "README.md", ask: true } }];
    const usage = { totalTokens: 130, inputTokens: 100, outputTokens: 20, thoughtTokens: 10, cachedReadTokens: 40 };
    const told = await played(repo, does([...acts, edit("new.txt"), { cost: 0.25 }], { ...good, usage }));
    expect(told.outcome).toMatchObject({
      status: "completed",
      value: { good: 7 },
      session: "acp-1",
      modelServed: "gpt-5.5",
      family: "openai",
      usage: { input: 60, cachedInput: 40, cacheWrite: 0, output: 20, reasoning: 10, costUsd: 0.25 },
      tools: { edit: 1, read: 1 },
    });
    expect(told.outcome.notes).toEqual(["asked for edit new.txt 1 times and was refused"]);
    expect(existsSync(join(repo.root, "new.txt"))).toBe(false);
    assertGolden("streams/acp/read-only.jsonl", told.log);
  });

  test("writing: in its place it may, outside it is refused, its mode and model are set", async () => {
    using repo = testRepository();
    const outside = join(repo.folder, "outside.txt");
    const told = await played(repo, does([edit("new.txt"), edit("../outside.txt")], good), {
      access: "workspace-write",
      mode: "plan",
      model: "gemini-3-pro",
    });
    expect(told.outcome).toMatchObject({ status: "completed", family: "google", usage: null });
    expect([existsSync(join(repo.root, "new.txt")), existsSync(outside)]).toEqual([true, false]);
    assertGolden("streams/acp/writing.jsonl", told.log);
  });

  test("asked again it goes on with its conversation in a new process; what it tells of before is passed over", async () => {
    using repo = testRepository();
    const usage = (n: number) => ({ totalTokens: 30 * n, inputTokens: 20 * n, outputTokens: 10 * n });
    const told = await played(repo, does([], { result: { good: 0 }, usage: usage(1) }), {
      askAgain: () => does([], { ...good, usage: usage(2) }),
    });
    expect(told.outcome).toMatchObject({ status: "completed", reasks: 1, usage: { input: 40, output: 20 } });
    assertGolden("streams/acp/resume.jsonl", told.log);
    // One that cannot, or does not find it, is asked anew with what it was asked before; its counts begin anew too.
    for (const flag of ["--no-load", "--forgets"]) {
      using other = testRepository();
      const anew = await played(other, does([], { result: "prose", usage: usage(1) }), {
        flags: [flag],
        askAgain: () => does([], { ...good, usage: usage(1) }),
      });
      expect(anew.outcome).toMatchObject({
        status: "completed",
        reasks: 1,
        notes: ["its conversation was not found again: it was asked anew, with the whole question"],
        usage: { input: 40, output: 20 },
      });
    }
  });

  test.each<[string, Json, More, Json]>([
    ["no login", {}, { flags: ["--no-login"] }, { reason: "auth", message: "Authentication required" }],
    ["another version", {}, { flags: ["--v2"] }, { message: "speaks version 2 of the protocol, and okstra 1" }],
    ["an unknown mode", {}, { mode: "yolo" }, { message: "has no mode yolo; it has code, plan" }],
    [
      "quota",
      { error: { code: -32603, message: "slow down", data: { status: 429 } } },
      {},
      { reason: "quota", resetAt: null },
    ],
    ["a failure of its provider", { error: { code: 503, message: "away" } }, {}, { failure: { kind: "transient" } }],
    ["a refusal", { stop: "refusal" }, {}, { reason: "agent-failed", message: "stopped: refusal" }],
    ["an end without an answer", { acp: [{ exit: 0 }] }, {}, { message: "ended before it answered (exit 1)" }],
    ["silence", { acp: [{ hang: true }] }, { clocks: { idleMs: 1_500 } }, { status: "timeout", reason: "idle" }],
  ])("%s has its name, in bounded time, and nothing is left", async (_, does_, more, wanted) => {
    using repo = testRepository();
    const told = await played(repo, JSON.stringify({ acp: [], ...does_ }), more);
    expect(told.outcome).toMatchObject({ status: "error", ...wanted });
  });

  test("a line of 20 MB, no JSON, and a request for what was not announced do no harm", async () => {
    using repo = testRepository();
    const told = await played(
      repo,
      does([{ raw: "no JSON\n" }, { mebibytes: 20 }, { file: "/etc/passwd" }, { say: "" }, edit("a", false)], good),
    );
    expect(told.outcome.status).toBe("completed");
    expect(told.outcome.notes).toEqual([
      expect.stringContaining("not JSON"),
      expect.stringContaining("too long to read"),
    ]);
    expect(told.log).toContain("fs: -32601");
  });
});

test("doctor starts each that is named in the settings and asks nobody's model: who speaks the protocol, and who does not", async () => {
  await using rig = openRig(files);
  await initialise(rig);
  const agent = (...args: string[]): Json => ({ command: process.execPath, args });
  configure(rig, {
    agents: {
      "acp:good": agent(puppet),
      "acp:newer": agent(puppet, "--v2"),
      "acp:other": agent("-e", "console.log('usage: other [--acp]')"),
    },
  });
  const said = (await rig.okstra(["doctor", "--json"])).json<{
    checks: { id: string; ok: boolean; message: string }[];
  }>();
  const row = (name: string) => said.checks.find(({ id }) => id === `agent:acp:${name}`);
  expect(row("good")).toMatchObject({
    ok: true,
    message: "1.2.3; puppet, speaks the protocol; cannot tell whether it is logged in",
  });
  expect(row("newer")).toMatchObject({
    ok: false,
    message: "it was started and speaks version 2 of the protocol, and okstra 1",
  });
  expect(row("other")).toMatchObject({
    ok: false,
    message: "it was started and did not answer",
    remedy: expect.stringContaining("usage: other"),
  });
  expect(rig.leftRunning()).toEqual([]);
});

test.skipIf(confiner === null)(
  `confined, agents of a hidden home are started and see no more of it; what they write without asking changes nothing${unlessConfined}`,
  async () => {
    await using rig = openRig(files);
    await initialise(rig);
    const agents = join(rig.folder, "user", "agents");
    const outside = [join(rig.root, "src/add.js"), join(rig.folder, "outside"), join(rig.folder, "user/.bashrc")];
    const unasked = outside.map((path) => edit(path, false));
    const hidden = rig.write(join(rig.folder, "user", ".netrc"), "secret\n");
    const plays = rig.write(
      join(rig.folder, "user", "plays.json"),
      does([{ hidden }, ...unasked], { result: noFindings }),
    );
    rig.write(join(agents, "puppet.mjs"), readFileSync(puppet, "utf8"));
    const program = rig.write(join(agents, "agent"), '#!/bin/sh\nexec node "$(dirname "$0")/puppet.mjs" "$@"\n');
    chmodSync(program, 0o755);
    const config = (family: string): Json => ({ command: program, args: ["--plays", plays], family });
    configure(rig, { agents: { "acp:one": config("one"), "acp:two": config("two") } });
    const ran = await rig.okstra([
      ...["run", join(rig.folder, "brief.md"), "--task-key", key, "--task-type", "error-analysis", "--no-prose"],
      ...["--base-ref", "main", "--agents", "acp:one,acp:two", "--sandbox", "require", "--json"],
    ]);
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(rig.read("src/add.js")).toBe(files["src/add.js"]);
    expect(outside.slice(1).filter((path) => existsSync(path))).toEqual([]);
    const report = ".okstra/tasks/math/add/runs/error-analysis/reports/final-report-error-analysis-001.md";
    expect(rig.read(report)).toMatch(/\*\*Sandbox:\*\* bubblewrap \d/);
  },
);
