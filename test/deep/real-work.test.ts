/**
 * Each real program at work: it writes and commits where it may and nowhere else, and is held to a schema. What failures of the
 * provider come to is in real-agents.test.ts beside this, reading alone in the short suite (../real-agents.test.ts).
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { acp } from "../../src/agents/drivers/acp.ts";
import type { DispatchAsk } from "../../src/agents/index.ts";
import type { Good } from "../dispatch.ts";
import { type Call, inOrder, type ModelServer, modelServer } from "../model-server.ts";
import { askedReal, configOf, keepStream, long, offered, suiteOf } from "../real-agents.ts";
import { testRepository } from "../repository.ts";

const claude = suiteOf("claude");
describe.skipIf(claude.skip)(claude.name, long, () => {
  test("writing: in its folder and the extra one, not outside by its own tools", async () => {
    using repo = testRepository();
    const extra = join(repo.folder, "extra");
    repo.write(join(extra, "kept.txt"), "x\n");
    const write = (path: string) => ({ name: "Write", input: { file_path: path, content: "made\n" } });
    const inside = [
      write(join(repo.root, "new.txt")),
      write(join(extra, "more.txt")),
      write(join(repo.folder, "out.txt")),
    ];
    const commit = {
      name: "Bash",
      input: { command: "git add new.txt && git -c user.name=A -c user.email=a@b commit -qm made" },
    };
    await using server = await modelServer(
      inOrder({ is: "reply", tools: inside }, { is: "reply", tools: [commit] }, { is: "reply", text: '{"good": 1}' }),
    );
    const { outcome, log } = await askedReal(repo, "claude", server, {
      access: "workspace-write",
      extraWritable: [extra],
    });
    keepStream(repo, "claude", "writing", log);
    expect(outcome).toMatchObject({ status: "completed", notes: ["asked for Write 1 times and was refused"] });
    expect(outcome.usage).toMatchObject(server.charged());
    expect(repo.git(repo.root, "log", "-1", "--format=%s")).toBe("made");
    expect(repo.read(join(extra, "more.txt"))).toBe("made\n");
    expect(existsSync(join(repo.folder, "out.txt"))).toBe(false);
  });

  test("a result by schema is taken as it is", async () => {
    using repo = testRepository();
    const answer = (good: unknown) => ({ name: "StructuredOutput", input: { good } });
    await using server = await modelServer(
      inOrder({ is: "reply", text: "No.", tools: [answer("no")] }, { is: "reply", tools: [answer(3)] }),
    );
    const $schema = "https://json-schema.org/draft/2020-12/schema";
    const schema = { $schema, type: "object", properties: { good: { type: "number" } }, required: ["good"] };
    const { outcome, log } = await askedReal(repo, "claude", server, { schema });
    keepStream(repo, "claude", "schema", log);
    expect(outcome).toMatchObject({ status: "completed", value: { good: 3 }, reasks: 0, resultText: '{"good":3}' });
    expect(outcome.usage).toMatchObject(server.charged());
  });
});

const codex = suiteOf("codex");
describe.skipIf(codex.skip)(codex.name, long, () => {
  const shell = (cmd: string) => ({ name: "exec_command", input: { cmd, yield_time_ms: 30_000 } });
  const patch = (path: string) =>
    shell(`apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: ${path}\n+made\n*** End Patch\nEOF`);

  test("read-only: by none of its tools, also not by a patch, a shell that stays open or a wish for more rights", async () => {
    using repo = testRepository();
    const outside = join(repo.folder, "outside.txt");
    const touch = `touch new.txt '${outside}'`;
    const patched = "*** Begin Patch\n*** Add File: patched.txt\n+made\n*** End Patch";
    const more = { sandbox_permissions: "require_escalated", justification: "I must" };
    const tries = [
      { name: "apply_patch", input: {}, text: patched },
      { name: "exec_command", input: { cmd: touch, ...more } },
      { name: "exec_command", input: { cmd: "sh", tty: true, yield_time_ms: 500 } },
    ];
    const said = ({ body }: Call): string => JSON.stringify(body["input"]);
    // By a mount that is read-only, or by rules of the kernel, whichever its sandbox is made of.
    const refused = /touch: [^"]*(?:Read-only file system|Permission denied)/;
    await using server = await modelServer((call) => {
      if (call.number === 0) return { is: "reply", tools: tries };
      if (refused.test(said(call))) return { is: "reply", text: '{"good": 2}' };
      // The shell is left open, so that nothing of its words is lost with its end; listened to until it has said them.
      if (call.number > 20) return { is: "refusal", status: 400, message: "the shell never answered" };
      const session_id = Number(/session ID (\d+)/.exec(said(call))?.[1]);
      const input = { session_id, chars: call.number === 1 ? `${touch}\n` : "", yield_time_ms: 1_000 };
      return { is: "reply", tools: [{ name: "write_stdin", input }] };
    });
    const { outcome } = await askedReal(repo, "codex", server);
    expect(outcome.status).toBe("completed");
    const writing = ["apply_patch", "exec_command", "write_stdin"];
    const others = ["create_goal", "get_goal", "request_user_input", "tool_search", "update_goal", "view_image"];
    expect(offered(server.calls[0])).toEqual([...writing, ...others].sort());
    const answers = server.calls.map(said).at(-1);
    for (const refusal of [/patch rejected/, /cannot ask for escalated permissions/, refused])
      expect(answers).toMatch(refusal);
    expect(outcome.usage).toMatchObject(server.charged());
    expect(repo.git(repo.root, "status", "--porcelain")).toBe("");
    expect(existsSync(outside)).toBe(false);
  });

  test("writing: it commits in a linked worktree, and writes nowhere else", async () => {
    using repo = testRepository();
    const tree = join(repo.folder, "tree");
    repo.git(repo.root, "worktree", "add", "-q", tree, "-b", "stage");
    const gitFolders = [join(repo.root, ".git"), join(repo.root, ".git/worktrees/tree")];
    const commit = shell('touch "$TMPDIR/x" && git add -A && git -c user.name=A -c user.email=a@b commit -qm made');
    const elsewhere = shell(
      `touch '${join(repo.root, "new.txt")}' '${join(repo.folder, "outside.txt")}' /tmp/okstra-x`,
    );
    await using server = await modelServer(
      inOrder(
        { is: "reply", tools: [patch("new.txt")] },
        { is: "reply", tools: [commit] },
        { is: "reply", tools: [elsewhere] },
        { is: "reply", text: '{"good": 1}' },
      ),
    );
    const { outcome, log } = await askedReal(repo, "codex", server, {
      access: "workspace-write",
      cwd: tree,
      gitFolders,
    });
    keepStream(repo, "codex", "writing", log);
    expect(outcome).toMatchObject({ status: "completed", tools: { file_change: 1 } });
    expect(outcome.usage).toMatchObject(server.charged());
    expect(repo.git(tree, "log", "-1", "--format=%s")).toBe("made");
    expect(repo.git(tree, "show", "HEAD:new.txt")).toBe("made");
    expect(repo.git(repo.root, "status", "--porcelain")).toBe("");
    expect(existsSync(join(repo.folder, "outside.txt")) || existsSync("/tmp/okstra-x")).toBe(false);
  });

  test("a strict schema reaches the provider", async () => {
    using repo = testRepository();
    await using server = await modelServer(inOrder({ is: "reply", text: '{"good": 3}' }));
    const schema = {
      type: "object",
      properties: { good: { type: "number" } },
      required: ["good"],
      additionalProperties: false,
    };
    const { outcome } = await askedReal(repo, "codex", server, { schema });
    expect(outcome).toMatchObject({ status: "completed", value: { good: 3 } });
    expect(server.calls[0]?.body["text"]).toMatchObject({ format: { type: "json_schema", strict: true, schema } });
  });
});

const gemini = suiteOf("gemini");
describe.skipIf(gemini.skip)(gemini.name, long, () => {
  const shell = (command: string) => ({ name: "run_shell_command", input: { command } });
  const write = (file_path: string) => ({ name: "write_file", input: { file_path, content: "made\n" } });

  test("read-only: an agent that it starts has no more tools than it, and is counted", async () => {
    using repo = testRepository();
    const outside = join(repo.folder, "outside.txt");
    const asks = { name: "invoke_agent", input: { agent_name: "generalist", prompt: "Write new.txt." } };
    const tries = [write(join(repo.root, "new.txt")), shell(`touch '${outside}'`)];
    const ends = { name: "complete_task", input: { result: { response: "I could not." } } };
    await using server = await modelServer(
      inOrder(
        { is: "reply", tools: [asks] },
        { is: "reply", tools: tries },
        { is: "reply", tools: [ends] },
        { is: "reply", text: '{"good": 2}' },
      ),
    );
    const { outcome } = await askedReal(repo, "gemini", server);
    expect(outcome).toMatchObject({ status: "completed", tools: { invoke_agent: 1 } });
    const looking = ["glob", "grep_search", "list_directory", "read_file"];
    expect(offered(server.calls[1])).toEqual([...looking, "complete_task", "enter_plan_mode"].sort());
    expect(JSON.stringify(server.calls[2]?.body).match(/Unauthorized tool call/g)).toHaveLength(2);
    expect(outcome.usage).toMatchObject(server.charged());
    expect(repo.git(repo.root, "status", "--porcelain")).toBe("");
    expect(existsSync(outside)).toBe(false);
  });

  test("writing: in its folder and the extra one, not outside by its own tools", async () => {
    using repo = testRepository();
    const extra = join(repo.folder, "extra");
    repo.write(join(extra, "kept.txt"), "x\n");
    const files = [join(repo.root, "new.txt"), join(extra, "more.txt"), join(repo.folder, "out.txt")].map(write);
    const commit = shell("git add new.txt && git -c user.name=A -c user.email=a@b commit -qm made");
    await using server = await modelServer(
      inOrder({ is: "reply", tools: files }, { is: "reply", tools: [commit] }, { is: "reply", text: '{"good": 1}' }),
    );
    const { outcome, log } = await askedReal(repo, "gemini", server, {
      access: "workspace-write",
      extraWritable: [extra],
    });
    keepStream(repo, "gemini", "writing", log);
    expect(outcome).toMatchObject({ status: "completed", tools: { write_file: 3, run_shell_command: 1 } });
    expect(outcome.usage).toMatchObject(server.charged());
    expect(repo.git(repo.root, "log", "-1", "--format=%s")).toBe("made");
    expect(repo.read(join(extra, "more.txt"))).toBe("made\n");
    expect(existsSync(join(repo.folder, "out.txt"))).toBe(false);
  });
});

describe.skipIf(gemini.skip)(`acp, spoken by ${gemini.name}`, long, () => {
  /** Without a settings file in its home: its login is the key in its environment. */
  const spoken = (server: ModelServer): Partial<DispatchAsk<Good>> => {
    const { env, ...config } = configOf("gemini", server.url);
    const own = { ...env, GEMINI_CLI_NO_RELAUNCH: "true" };
    return { driver: acp, config: { ...config, args: ["--acp"], env: own }, model: "gemini-3.8-flash" };
  };
  const shell = (command: string) => ({ name: "run_shell_command", input: { command } });
  const write = (file_path: string) => ({ name: "write_file", input: { file_path, content: "made\n" } });

  test("read-only: it reads, what it asks to write is refused, its use is unknown; a bad form is asked for again", async () => {
    using repo = testRepository();
    const outside = join(repo.folder, "outside.txt");
    const read = { name: "read_file", input: { file_path: join(repo.root, "README.md") } };
    const tries = [read, write(join(repo.root, "new.txt")), shell(`touch '${outside}'`)];
    await using server = await modelServer(
      inOrder(
        { is: "reply", text: "Looking.", tools: tries },
        { is: "reply", text: "It is good." },
        { is: "reply", text: '{"good": 2}' },
      ),
    );
    const { outcome, log } = await askedReal(repo, "gemini", server, spoken(server));
    keepStream(repo, "acp", "gemini-read-only", log);
    // Asked again in the same minute it does not find the conversation, in the next one it does: answered either way.
    expect(outcome).toMatchObject({
      status: "completed",
      reasks: 1,
      value: { good: 2 },
      modelServed: "gemini-3.8-flash",
      family: "google",
      usage: null,
    });
    expect(outcome.notes.filter((note) => note.includes("was refused"))).toHaveLength(2);
    expect(repo.git(repo.root, "status", "--porcelain")).toBe("");
    expect(existsSync(outside)).toBe(false);
  });

  test("writing: it writes and commits in its folder, and its own file tool not outside", async () => {
    using repo = testRepository();
    const files = [join(repo.root, "new.txt"), join(repo.folder, "out.txt")].map(write);
    const commit = shell("git add new.txt && git -c user.name=A -c user.email=a@b commit -qm made");
    await using server = await modelServer(
      inOrder({ is: "reply", tools: files }, { is: "reply", tools: [commit] }, { is: "reply", text: '{"good": 1}' }),
    );
    const { outcome, log } = await askedReal(repo, "gemini", server, {
      ...spoken(server),
      access: "workspace-write",
    });
    keepStream(repo, "acp", "gemini-writing", log);
    expect(outcome).toMatchObject({ status: "completed", value: { good: 1 } });
    expect(repo.git(repo.root, "log", "-1", "--format=%s")).toBe("made");
    expect(existsSync(join(repo.folder, "out.txt"))).toBe(false);
  });

  test.each(["SIGTERM", "SIGKILL"] as const)("%s from outside: an error, and nothing is left", async (signal) => {
    using repo = testRepository();
    await using server = await modelServer(() => ({ is: "silence" }));
    let pid = 0;
    const { outcome } = await askedReal(repo, "gemini", server, {
      ...spoken(server),
      onSpawned: async (child) => {
        pid = child.pid;
      },
      onEvent: ({ type }) => {
        if (type === "started") process.kill(pid, signal);
      },
    });
    expect(outcome).toMatchObject({ status: "error", value: null, usage: null });
  });
});
