import { join } from "node:path";
import { expect, test } from "vitest";
import { done, intended, manifest, run } from "../../test/fixtures/run.ts";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import { homePaths, runPaths } from "../lifecycle/index.ts";
import { type RunEvent, take } from "../model/index.ts";
import { createJournal, openHome, writeRunManifest } from "../registry/index.ts";
import { validateSession } from "./index.ts";

type Json = Readonly<Record<string, unknown>>;

/** A run in which claude and codex were asked, and what each said; what is wrong, without the part that names the dispatch. */
async function looked(
  rig: TestRepository,
  events: readonly RunEvent[],
  said: Readonly<Record<string, readonly Json[]>>,
) {
  const place = { host: rig.host, home: rig.home, projectRoot: rig.root, key: run.key };
  take(await openHome(rig.host, rig.home));
  const base = manifest(["claude", "codex"]);
  take(await writeRunManifest(rig.host, place, run, { ...base, worktree: { ...base.worktree, path: rig.root } }));
  const prepared = { type: "run.prepared", data: { run: base.id, invocation: {}, manifestSha256: "m" } } as const;
  const journal = take(await createJournal(rig.host, place, run, prepared));
  for (const event of events) take(await journal.append(event));
  for (const [path, lines] of Object.entries(said)) {
    const to = path.startsWith("/") ? path : runPaths(rig.root, run).stream({ worker: path, role: "analyser" });
    rig.write(to, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }
  const list = take(await validateSession(rig.host, { home: rig.home, projectRoot: rig.root, run }));
  const bad = list.checks.filter(({ ok }) => !ok).map(({ id, severity, message }) => `${severity} ${id}: ${message}`);
  return { list, bad };
}

const used = (name: string, input: Json, id = name): Json => ({
  type: "assistant",
  message: { id: "m", model: "opus-4-8", content: [{ type: "tool_use", id, name, input }] },
});
const refusal = (id: string): Json => ({
  type: "user",
  message: { content: [{ type: "tool_result", tool_use_id: id, is_error: true }] },
});
const asked = (more: { writes?: boolean; purpose?: string } = {}): RunEvent[] => [
  intended("claude", more),
  done("claude", { sha256: "s", modelServed: "opus-4-8", session: "11111111-2222-4333-8444-555555555555" }),
];

test("an agent that kept to its rules: a row for each check, none failed", async () => {
  using rig = testRepository();
  const { list, bad } = await looked(rig, asked({ writes: true, purpose: "execute" }), {
    claude: [used("Write", { file_path: join(rig.root, "src/new.js") }), used("Bash", { command: "npm test" })],
  });
  expect([list.ok, bad]).toEqual([true, []]);
  expect(list.checks.map(({ id, message }) => `${id}: ${message}`)).toEqual([
    expect.stringMatching(/^session:log:claude-analyser: claude-analyser-/),
    "session:models:claude-analyser: opus-4-8",
    "session:writes:claude-analyser: 1 file written, all allowed",
    "session:commands:claude-analyser: 1 command run, none forbidden",
  ]);
});

test("files written outside the worktree, commands that are forbidden, another model than was recorded", async () => {
  using rig = testRepository();
  const { list, bad } = await looked(rig, asked({ writes: true, purpose: "execute" }), {
    claude: [
      used("Write", { file_path: "/etc/hosts" }, "1"),
      used("Edit", { file_path: `${rig.root}/../other/x` }, "2"),
      used("Write", { file_path: "/etc/shadow" }, "3"),
      refusal("3"),
      used("Write", { file_path: join(homePaths(rig.home).scratch(run), "executor/notes") }, "4"),
      used("Bash", { command: "git commit -qnm x && git push" }, "5"),
      { ...used("Read", { file_path: "README.md" }, "6"), message: { model: "haiku", content: [] } },
    ],
  });
  expect(list.ok).toBe(false);
  expect(bad).toEqual([
    "error session:writes:claude-analyser: wrote /etc/hosts, outside its worktree and scratch folder",
    `error session:writes:claude-analyser: wrote ${join(rig.folder, "other/x")}, outside its worktree and scratch folder`,
    expect.stringMatching(/^warning session:writes:.*tried, and was refused: wrote \/etc\/shadow/),
    "error session:commands:claude-analyser: pushes: git commit -qnm x && git push",
  ]);
});

test("a worker that may only read and wrote; one that saw another's result in a blind pass; another model", async () => {
  using rig = testRepository();
  const other = runPaths(rig.root, run).result({ worker: "codex", role: "analyser" });
  const { bad } = await looked(
    rig,
    [...asked(), intended("codex"), done("codex", { sha256: "s", modelServed: "gpt-5.5" })],
    {
      claude: [
        used("Write", { file_path: "src/app.js" }, "1"),
        used("Read", { file_path: other }, "2"),
        used("Bash", { command: `cat '${homePaths(rig.home).holding(run)}/'*` }, "3"),
        used("Read", { file_path: runPaths(rig.root, run).result({ worker: "claude", role: "analyser" }) }, "4"),
      ],
      codex: [
        { type: "turn_context", payload: { model: "gpt-5.5-mini", cwd: rig.root } },
        {
          type: "item.completed",
          item: { id: "1", type: "command_execution", command: "ls worker-results", status: "completed" },
        },
      ],
    },
  );
  expect(bad).toEqual([
    `error session:writes:claude-analyser: wrote ${join(rig.root, "src/app.js")}, although it may only read`,
    `error session:blind:claude-analyser: read ${other} in a blind pass`,
    expect.stringMatching(
      /^error session:blind:claude-analyser: ran cat '.*holding.*' in a blind pass|^error session:blind/,
    ),
    "warning session:models:codex-analyser: the run recorded gpt-5.5, the log names gpt-5.5-mini",
  ]);
});

test("the agent's own session logs that the run kept are read too; what both tell of counts once", async () => {
  using rig = testRepository();
  const log = (n: number) => runPaths(rig.root, run).sessionLog({ worker: "claude", role: "analyser" }, n);
  const inTree = used("Write", { file_path: join(rig.root, "a.js") }, "1");
  const { list, bad } = await looked(rig, asked({ writes: true, purpose: "execute" }), {
    claude: [inTree],
    [log(1)]: [inTree, used("Write", { file_path: "/etc/hosts" }, "2")],
    [log(2)]: [{ "okstra-cut-bytes": 7 }, used("Bash", { command: "git push" }, "3")],
  });
  expect(bad).toEqual([
    expect.stringMatching(/only the end of claude-analyser-.*session-2\.log was kept$/),
    expect.stringContaining("wrote /etc/hosts"),
    expect.stringContaining("pushes: git push"),
  ]);
  expect(list.checks[0]?.message).toMatch(/session-1\.log.*session-2\.log/);
});

test("a log that is missing or cut is told; a dispatch that never spoke is fine", async () => {
  using rig = testRepository();
  const timeout = done("codex", { status: "timeout", reason: "idle" });
  const { bad } = await looked(rig, [...asked(), intended("codex"), timeout], {});
  expect(bad).toEqual(["error session:log:claude-analyser: no log of what it did is there"]);
});

test("a log of a form that nobody knows is not one of an agent that did nothing", async () => {
  using rig = testRepository();
  const log = (n: number) => runPaths(rig.root, run).sessionLog({ worker: "codex", role: "analyser" }, n);
  const codex = [intended("codex"), done("codex", { sha256: "s" })];
  const { list, bad } = await looked(rig, [...asked(), ...codex], {
    claude: [{ event: "shell", argv: ["git", "push"] }, { event: "over" }],
    codex: [
      { type: "thread.started", thread_id: "t" },
      { type: "item.completed", item: { id: "1", type: "mcp_tool_call", tool: "push" } },
    ],
    [log(1)]: [{ event: "over" }],
  });
  expect(bad).toEqual([
    "error session:log:claude-analyser: none of its 2 lines is of a form that okstra knows: what the agent did was not looked at",
    expect.stringMatching(/^warning session:log:codex-analyser: nothing could be read of codex-.*session-1\.log$/),
    "warning session:log:codex-analyser: what was done in calls of these kinds cannot be read: mcp_tool_call",
  ]);
  expect(list.ok).toBe(false);
  expect(list.checks.filter(({ id }) => id.endsWith(":claude-analyser"))).toHaveLength(1);
});
