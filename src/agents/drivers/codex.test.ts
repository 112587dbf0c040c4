import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testRepository } from "../../../test/repository.ts";
import { driverAsk, heardBy, recorded } from "../../../test/streams.ts";
import { codex } from "./codex.ts";

const hear = (name: string) => heardBy(codex, recorded("codex", name));
const of = (name: string, type: string) => hear(name).filter((event) => event.type === type);

describe("its stream", () => {
  test("of a question: the session, tools in pairs, the last message", () => {
    const events = hear("writing");
    expect(events[0]).toMatchObject({ type: "started", session: expect.stringMatching(/^[\d-]{36}$/), model: null });
    expect(events.at(-1)).toEqual({ type: "finished", text: '{"good": 1}' });
    expect(of("writing", "tool-call")).toContainEqual({ type: "tool-call", id: "item_0", name: "file_change" });
    expect(of("writing", "tool-call").length).toBeGreaterThanOrEqual(2);
    expect(of("writing", "tool-result")).toHaveLength(of("writing", "tool-call").length);
  });

  test("gives of the thread's sums what this process used: cached off the input, reasoned off the output", () => {
    const lines = recorded("codex", "read-only");
    const second = lines.findLastIndex((line) => line.includes("thread.started"));
    const first = { input: 420, cachedInput: 180, cacheWrite: 0, output: 46, reasoning: 6, costUsd: null };
    expect(heardBy(codex, lines.slice(0, second))).toContainEqual({ type: "usage", usage: first });
    const again = driverAsk({ address: { ...driverAsk().address, reask: 1 }, used: first });
    expect(heardBy(codex, lines.slice(second), { ask: again })).toContainEqual({
      type: "usage",
      usage: { input: 500, cachedInput: 3, cacheWrite: 0, output: 4, reasoning: 1, costUsd: null },
    });
    const blind = heardBy(codex, lines.slice(second), { ask: { ...again, used: null } });
    expect(blind.filter(({ type }) => type === "usage")).toEqual([]);
  });

  test.each([
    ["failed-401", "auth"],
    ["failed-429", "quota"],
    ["failed-429-until", "quota"],
    ["failed-400", "deterministic"],
    ["failed-500", "transient"],
    ["failed-cut", "transient"],
  ])("of %s ends in a failure of its kind; its own retries are no failure", (name, kind) => {
    const events = hear(name);
    expect(events.at(-1)).toMatchObject({ type: "failed", kind, reason: expect.stringMatching(/\w/) });
    expect(events.filter(({ type }) => type === "failed")).toHaveLength(1);
    expect(events.filter(({ type }) => type === "finished")).toEqual([]);
    expect(of(name, "quota")).toEqual(kind === "quota" ? [{ type: "quota", resetAt: null }] : []);
  });

  test("of a cut connection has its retries as retries", () => {
    expect(of("failed-cut", "retry").length).toBeGreaterThan(0);
  });

  test("has no time for a quota, though a sentence tells one in words of the local zone", () => {
    const message = "You’ve hit your usage limit. Visit our site or try again at Jan 2nd, 2030 3:04 AM.";
    expect(heardBy(codex, [JSON.stringify({ type: "turn.failed", error: { message } })])).toEqual([
      { type: "quota", resetAt: null },
      { type: "failed", kind: "quota", reason: message },
    ]);
  });

  test("cut short anywhere is never a success", () => {
    const lines = recorded("codex", "writing");
    for (let kept = 0; kept < lines.length; kept += 1)
      expect(heardBy(codex, lines.slice(0, kept)).filter(({ type }) => type === "finished")).toEqual([]);
  });

  test("of garbage is unreadable, and nothing in a known line is taken on trust", () => {
    const type = fc.constantFrom("thread.started", "item.started", "item.completed", "error", "turn.failed");
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .tuple(type, fc.jsonValue())
        .map(([type, value]) => JSON.stringify({ type, item: value, error: value, message: value })),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        expect(heardBy(codex, lines).filter(({ type }) => type === "finished")).toEqual([]);
      }),
    );
    const absurd = '{"type":"turn.completed","usage":{"input_tokens":"many"}}';
    expect(heardBy(codex, ["{", '{"type":"new"}', absurd])).toMatchObject([
      { type: "unreadable", why: "not-json" },
      { type: "unreadable", why: "unknown-shape" },
      { type: "usage", usage: { input: Number.NaN } },
      { type: "finished", text: "" },
    ]);
  });
});

describe("its command", () => {
  const common = "--skip-git-repo-check --ignore-user-config --ignore-rules -C /tree";
  const quiet =
    "-c web_search=disabled -c check_for_update_on_startup=false -c analytics.enabled=false -c features.plugins=false -c features.remote_plugin=false -c features.apps=false";

  test("reading: its sandbox reads only, and no folder is added", () => {
    using repo = testRepository();
    const ask = driverAsk({ model: "gpt-5.5", extraWritable: ["/extra"], gitFolders: ["/repo/.git"] });
    const { command, stdin, credentials } = codex.command(repo.host, ask);
    expect(command.join(" ")).toBe(`/bin/agent exec --json ${common} -m gpt-5.5 -s read-only ${quiet} -`);
    expect(stdin).toBe("Look at the code.");
    expect(credentials).toEqual([
      { from: join(repo.folder, "user/.codex/auth.json"), to: "/home of agent/.codex/auth.json" },
    ]);
  });

  test("writing, again: folders that a commit needs, not /tmp; config arguments before the session", () => {
    using repo = testRepository();
    const ask = driverAsk({
      access: "workspace-write",
      extraWritable: ["/extra"],
      gitFolders: ["/repo/.git"],
      systemText: 'Say "yes".',
      config: { args: ["-c", "model_provider=house"] },
    });
    expect(codex.resume(repo.host, ask, "the-thread").command.join(" ")).toBe(
      `/bin/agent exec --json ${common} -s workspace-write -c sandbox_workspace_write.exclude_slash_tmp=true ` +
        `--add-dir /extra --add-dir /repo/.git ${quiet} -c developer_instructions="Say \\"yes\\"." ` +
        "-c model_provider=house resume the-thread -",
    );
  });

  test("a schema only where the provider takes it: every object closed, every property required", () => {
    using repo = testRepository();
    const files = (schema: unknown) => codex.command(repo.host, driverAsk({ schema })).files.length;
    const closed = {
      type: "object",
      properties: { a: { type: "string" } },
      required: ["a"],
      additionalProperties: false,
    };
    const around = (inner: object) => ({ ...closed, properties: { a: { type: "array", items: inner } } });
    expect([closed, around(closed), around({ anyOf: [closed, { type: "null" }] })].map(files)).toEqual([1, 1, 1]);
    const open = { ...closed, additionalProperties: true };
    const optional = { ...closed, required: [] };
    const refused = [open, optional, around(open), around({ anyOf: [optional] }), around({ oneOf: [] }), undefined];
    expect(refused.map(files)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

test("started is the program inside the npm package, not its launcher", async () => {
  using repo = testRepository();
  const modules = join(repo.folder, "lib/node_modules/@openai");
  const launcher = join(modules, "codex/bin/codex.js");
  repo.write(launcher, "#!/usr/bin/env node\n");
  const command = join(repo.folder, "codex");
  await repo.host.files.link(launcher, command);
  await repo.host.processes.run({
    command: ["chmod", "+x", launcher],
    cwd: repo.folder,
    env: { PATH: "/usr/bin:/bin" },
  });
  expect(await codex.locate(repo.host, { command })).toBe(command);
  const inside = join(modules, `codex-${process.platform}-x64/vendor/x86_64-any/bin/codex`);
  repo.write(inside, "");
  expect(await codex.locate(repo.host, { command })).toBe(inside);
});
