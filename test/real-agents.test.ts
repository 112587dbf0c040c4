/**
 * The real programs through okstra's own dispatch, one after the other: they are heavy. A short suite of reading; how they write is
 * in test/deep/real-work.test.ts, every failure of the provider in test/deep/real-agents.test.ts, all three together in
 * test/deep/real-lifecycle.test.ts. Where a program is not installed its suite is skipped and says why.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inOrder, modelServer } from "./model-server.ts";
import { answersTo, askedReal, keepStream, loggedUse, long, offered, suiteOf } from "./real-agents.ts";
import { testRepository } from "./repository.ts";

const claude = suiteOf("claude");
describe.skipIf(claude.skip)(claude.name, long, () => {
  test("read-only: it reads, cannot write, and its usage is what the server charged; a bad form is asked for again", async () => {
    using repo = testRepository();
    const outside = join(repo.folder, "outside.txt");
    const read = { name: "Read", input: { file_path: join(repo.root, "README.md") } };
    const tries = [
      { name: "Write", input: { file_path: join(repo.root, "new.txt"), content: "x" } },
      { name: "Edit", input: { file_path: join(repo.root, "README.md"), old_string: "a", new_string: "b" } },
      { name: "Bash", input: { command: `touch '${outside}'` } },
      { name: "NotebookEdit", input: { notebook_path: join(repo.root, "n.ipynb"), new_source: "x" } },
    ];
    await using server = await modelServer(
      inOrder(
        {
          is: "reply",
          text: "Looking.",
          tools: [read, ...tries],
          charge: { input: 100, cachedInput: 40, cacheWrite: 7 },
        },
        { is: "reply", text: "I think it is good.", charge: { input: 300, output: 30 } },
        { is: "reply", text: '{"good": 2}', charge: { input: 500, cachedInput: 3, output: 4 } },
      ),
    );
    repo.write(".claude/settings.json", hooking(outside));
    const asked = await askedReal(repo, "claude", server);
    const { outcome, events, log } = asked;
    keepStream(repo, "claude", "read-only", log);
    expect(outcome).toMatchObject({
      status: "completed",
      value: { good: 2 },
      modelServed: "claude-opus-5-5",
      family: "anthropic",
      reasks: 1,
      tools: { Read: 1, Write: 1, Edit: 1, Bash: 1, NotebookEdit: 1 },
      notes: [],
      exitCode: 0,
    });
    expect(offered(server.calls[0])).toEqual(["DeferredToolPlaceholder", "Glob", "Grep", "Read"]);
    expect(outcome.usage).toMatchObject(server.charged());
    expect(outcome.usage?.costUsd).toBeGreaterThan(0);
    expect(await loggedUse(repo, "claude", asked)).toEqual({ ...server.charged(), costUsd: null });
    expect(existsSync(outside)).toBe(false);
    expect(repo.git(repo.root, "status", "--porcelain")).toBe("?? .claude/");
    expect(events.filter(({ type }) => type === "tool-call")).toHaveLength(5);
    expect(events.filter(({ type }) => type === "tool-result")).toHaveLength(5);
    expect(JSON.stringify(outcome) + log).not.toContain("dummy-key-of-no-account");
  });
});

const codex = suiteOf("codex");
describe.skipIf(codex.skip)(codex.name, long, () => {
  const shell = (cmd: string) => ({ name: "exec_command", input: { cmd, yield_time_ms: 30_000 } });
  const patch = (path: string) =>
    shell(`apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: ${path}\n+made\n*** End Patch\nEOF`);

  test("read-only: commands and patches change nothing, and its usage is what the server charged over two questions", async () => {
    using repo = testRepository();
    const outside = join(repo.folder, "outside.txt");
    const tries = [shell("touch new.txt"), shell(`touch '${outside}' "$TMPDIR/x" /tmp/okstra-x`), patch("patched.txt")];
    await using server = await modelServer(
      inOrder(
        {
          is: "reply",
          text: "Looking.",
          tools: [shell("cat README.md")],
          charge: { input: 100, cachedInput: 40, reasoning: 6 },
        },
        { is: "reply", tools: tries, charge: { input: 20, cachedInput: 140, output: 11 } },
        { is: "reply", text: "I think it is good.", charge: { input: 300, output: 30 } },
        { is: "reply", text: '{"good": 2}', charge: { input: 500, cachedInput: 3, output: 4, reasoning: 1 } },
      ),
    );
    repo.write(".codex/config.toml", 'notify = ["touch", "notified.txt"]\n');
    const asked = await askedReal(repo, "codex", server);
    const { outcome, log } = asked;
    keepStream(repo, "codex", "read-only", log);
    expect(outcome).toMatchObject({
      status: "completed",
      value: { good: 2 },
      modelServed: null,
      family: "openai",
      reasks: 1,
      exitCode: 0,
    });
    // A command that ends at once may be missing from its stream.
    expect(outcome.tools["command_execution"] ?? 0).toBeLessThanOrEqual(1 + tries.length);
    // What such a command printed may be missing from its answer too, so what is held is that none went well; which words a refusal
    // has is looked at with a shell that stays open (deep/real-work.test.ts).
    const [first, second, patched] = answersTo(server.calls[2], 1);
    for (const answer of [first, second]) expect(answer).not.toMatch(/exited with code 0|running with session/);
    expect(patched).toContain("patch rejected");
    expect(outcome.usage).toEqual({ ...server.charged(), costUsd: null });
    expect(await loggedUse(repo, "codex", asked)).toEqual(outcome.usage);
    expect(repo.git(repo.root, "status", "--porcelain")).toBe("?? .codex/");
    expect(existsSync(outside) || existsSync("/tmp/okstra-x")).toBe(false);
    expect(JSON.stringify(outcome) + log).not.toContain("dummy-key-of-no-account");
  });
});

const gemini = suiteOf("gemini");
describe.skipIf(gemini.skip)(gemini.name, long, () => {
  const shell = (command: string) => ({ name: "run_shell_command", input: { command } });
  const write = (file_path: string) => ({ name: "write_file", input: { file_path, content: "made\n" } });

  test("read-only: it reads, cannot write, and its usage is what the server charged; a bad form is asked for again", async () => {
    using repo = testRepository();
    const outside = join(repo.folder, "outside.txt");
    const read = { name: "read_file", input: { file_path: join(repo.root, "README.md") } };
    await using server = await modelServer(
      inOrder(
        { is: "reply", text: "Looking.", tools: [read], charge: { input: 100, cachedInput: 40, reasoning: 6 } },
        {
          is: "reply",
          tools: [write(join(repo.root, "new.txt")), shell(`touch '${outside}'`)],
          charge: { output: 11 },
        },
        { is: "reply", text: "I think it is good.", charge: { input: 300, output: 30 } },
        { is: "reply", text: '{"good": 2}', charge: { input: 500, cachedInput: 3, output: 4, reasoning: 1 } },
      ),
    );
    const asked = await askedReal(repo, "gemini", server);
    const { outcome, log } = asked;
    keepStream(repo, "gemini", "read-only", log);
    expect(outcome).toMatchObject({
      status: "completed",
      value: { good: 2 },
      modelServed: "gemini-3-pro",
      family: "google",
      reasks: 1,
      tools: { read_file: 1, write_file: 1, run_shell_command: 1 },
      notes: ["asked for write_file 1 times and was refused", "asked for run_shell_command 1 times and was refused"],
    });
    const looking = ["glob", "grep_search", "list_directory", "read_file"];
    expect(offered(server.calls[0])).toEqual([...looking, "enter_plan_mode", "invoke_agent", "update_topic"].sort());
    expect(outcome.usage).toEqual({ ...server.charged(), costUsd: null });
    expect(await loggedUse(repo, "gemini", asked)).toEqual(outcome.usage);
    expect(repo.git(repo.root, "status", "--porcelain")).toBe("");
    expect(existsSync(outside)).toBe(false);
    expect(JSON.stringify(outcome) + log).not.toContain("dummy-key-of-no-account");
  });

  test("is not started where the folder holds settings that it would obey", async () => {
    using repo = testRepository();
    repo.write(".gemini/settings.json", hooking(join(repo.folder, "hooked")));
    await using server = await modelServer(() => ({ is: "silence" }));
    const { outcome } = await askedReal(repo, "gemini", server);
    expect(outcome).toMatchObject({ status: "error", reason: "agent-failed", failure: { kind: "deterministic" } });
    expect(outcome.message).toContain(".gemini");
    expect(server.calls).toEqual([]);
  });
});

/** Settings of a worktree that would run a command at each start. */
const hooking = (path: string): string =>
  JSON.stringify({ hooks: { SessionStart: [{ hooks: [{ type: "command", command: `touch '${path}'` }] }] } });
