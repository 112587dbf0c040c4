import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Act, hearLog } from "./acts.ts";

const lines = (...said: readonly unknown[]): string => said.map((one) => `${JSON.stringify(one)}\n`).join("");
const stream = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../test/golden/streams/${name}.jsonl`, import.meta.url)), "utf8");
const short = (acts: readonly Act[]): string[] =>
  acts.map(({ did, what, refused }) => `${did}${refused ? " (refused)" : ""} ${what}`);

test("claude: the session log repeats a message for each part; a result may refuse", () => {
  const message = (content: unknown[]) => ({
    type: "assistant",
    cwd: "/w",
    sessionId: "s",
    requestId: "r",
    message: { id: "m", model: "claude-opus-4-8", content, usage: {} },
  });
  const write = { type: "tool_use", id: "t1", name: "Write", input: { file_path: "/w/a.ts", content: "x" } };
  const bash = { type: "tool_use", id: "t2", name: "Bash", input: { command: "npm test" } };
  const edit = { type: "tool_use", id: "t3", name: "Edit", input: { file_path: "/etc/passwd" } };
  const read = { type: "tool_use", id: "t4", name: "Read", input: { file_path: "/w/b.ts" } };
  const result = (id: string) => ({ type: "tool_result", tool_use_id: id, is_error: true, content: "no" });
  const heard = hearLog(
    lines(
      { type: "queue-operation", operation: "enqueue" },
      message([write]),
      message([write]),
      message([bash, edit]),
      message([read]),
      { type: "user", message: { role: "user", content: [result("t2"), result("t3")] } },
      { type: "assistant", message: { model: "<synthetic>", content: [{ type: "text", text: "limit" }] } },
    ),
  );
  expect(heard).toMatchObject({ models: ["claude-opus-4-8"], cwd: "/w", unread: 0 });
  expect(short(heard.acts)).toEqual(["wrote /w/a.ts", "ran npm test", "wrote (refused) /etc/passwd", "read /w/b.ts"]);
});

test("codex: its rollout wraps what was sent; patches name their files", () => {
  const item = (payload: unknown) => ({ timestamp: "t", type: "response_item", payload });
  const heard = hearLog(
    lines(
      { timestamp: "t", type: "session_meta", payload: { id: "s", cwd: "/old" } },
      { timestamp: "t", type: "turn_context", payload: { cwd: "/w", model: "gpt-5.5" } },
      item({ type: "function_call", name: "shell", call_id: "c1", arguments: '{"command":["bash","-lc","ls"]}' }),
      item({ type: "function_call", name: "exec_command", call_id: "c2", arguments: '{"cmd":"git push"}' }),
      item({ type: "local_shell_call", call_id: "c3", action: { type: "exec", command: ["git", "status"] } }),
      item({
        type: "custom_tool_call",
        name: "apply_patch",
        call_id: "c4",
        input: "*** Begin Patch\n*** Add File: a.ts\n+x\n*** Update File: b.ts\n*** Move to: ../c.ts\n*** End Patch",
      }),
      item({ type: "message", role: "assistant", content: [{ type: "output_text", text: "done" }] }),
    ),
  );
  expect(heard).toMatchObject({ models: ["gpt-5.5"], cwd: "/w", unread: 0 });
  expect(short(heard.acts)).toEqual([
    "ran bash -lc ls",
    "ran git push",
    "ran git status",
    "wrote a.ts",
    "wrote b.ts",
    "wrote ../c.ts",
  ]);
});

test("gemini: a chat as one document or as lines, where the last message with an id counts", () => {
  const message = (status: string, model = "gemini-3-pro") => ({
    id: "m1",
    type: "gemini",
    model,
    toolCalls: [
      { id: "c1", name: "write_file", args: { file_path: "a.ts" }, status },
      { id: "c2", name: "run_shell_command", args: { command: "npm test" }, status: "error" },
      { id: "c3", name: "read_file", args: { absolute_path: "/w/b.ts" }, status: "success" },
    ],
  });
  const expected = ["wrote (refused) a.ts", "ran npm test", "read /w/b.ts"];
  const chat = JSON.stringify({ sessionId: "s", messages: [{ type: "user" }, message("error")] }, null, 2);
  expect(short(hearLog(chat).acts)).toEqual(expected);
  expect(hearLog(chat).models).toEqual(["gemini-3-pro"]);
  expect(short(hearLog(lines({ sessionId: "s" }, message("executing"), message("error"))).acts)).toEqual(expected);
});

test("the streams that the real programs wrote", () => {
  expect(short(hearLog(stream("codex/writing")).acts)[0]).toBe("wrote /folder/tree/new.txt");
  expect(short(hearLog(stream("gemini/writing")).acts)).toEqual([
    "wrote /folder/the project/new.txt",
    "wrote /folder/extra/more.txt",
    "wrote (refused) /folder/out.txt",
    "ran git add new.txt && git -c user.name=A -c user.email=a@b commit -qm made",
  ]);
  const claude = hearLog(stream("claude/read-only"));
  expect(claude).toMatchObject({ cwd: "/folder/the project", unread: 0 });
  expect(short(claude.acts)).toContain("read /folder/the project/README.md");
  expect(short(hearLog(stream("acp/writing")).acts).length).toBeGreaterThan(0);
});

test("what is no JSON is counted and passed over", () => {
  expect(hearLog("warning: slow\n[]\n{\n")).toMatchObject({ unread: 3, acts: [], models: [] });
  expect(hearLog("")).toMatchObject({ unread: 0, acts: [] });
});
