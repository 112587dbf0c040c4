/**
 * A small agent of our own that speaks the Agent Client Protocol over stdio. What it does stands in the prompt: one JSON object
 * `{"acp": [...]}` somewhere in it, a list of acts, or else in the file that `--plays <path>` names; sessions are kept as files in
 * its HOME, so that they can be loaded again.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const flags = new Set(process.argv.slice(2));
const plays = process.argv.indexOf("--plays");
const always = plays < 0 ? "" : readFileSync(process.argv[plays + 1], "utf8");
const store = join(process.env.HOME, "acp-sessions");
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const waiting = new Map();
let asked = 100;
let permitted = null;

const request = (method, params) => {
  asked += 1;
  send({ id: asked, method, params });
  return new Promise((resolve) => waiting.set(asked, resolve));
};
const update = (sessionId, change) => send({ method: "session/update", params: { sessionId, update: change } });
const saying = (sessionId, text) =>
  update(sessionId, { sessionUpdate: "agent_message_chunk", content: { type: "text", text } });

function written(path) {
  try {
    writeFileSync(path, "written over ACP\n");
    return true;
  } catch {
    return false;
  }
}

async function act(sessionId, one) {
  if (one.say !== undefined) saying(sessionId, one.say);
  if (one.think !== undefined)
    update(sessionId, { sessionUpdate: "agent_thought_chunk", content: { type: "text", text: one.think } });
  if (one.tool !== undefined) {
    const { kind, path, ask } = one.tool;
    const toolCallId = `call-${kind}`;
    const toolCall = { toolCallId, title: `${kind} ${path}`, kind, locations: [{ path }] };
    update(sessionId, { sessionUpdate: "tool_call", ...toolCall, status: "pending" });
    const options = ["allow_once", "allow_always", "reject_once"].map((name) => ({ optionId: name, name, kind: name }));
    permitted = "allow_once";
    if (ask) {
      const { outcome } = await request("session/request_permission", { sessionId, toolCall, options });
      permitted = outcome.optionId ?? outcome.outcome;
    }
    if (permitted === "allow_once" && kind === "edit" && !written(path)) permitted = "failed";
    const status = permitted === "allow_once" ? "completed" : "failed";
    update(sessionId, { sessionUpdate: "tool_call_update", toolCallId, status });
  }
  if (one.file !== undefined) {
    const answer = await request("fs/write_text_file", { sessionId, path: one.file, content: "x" });
    saying(sessionId, `fs: ${answer.code} `);
  }
  if (one.raw !== undefined) process.stdout.write(one.raw);
  if (one.mebibytes !== undefined) {
    const line = `{"jsonrpc":"2.0","method":"session/update","params":"${"x".repeat(one.mebibytes * 1024 * 1024)}"}\n`;
    await new Promise((done) => process.stdout.write(line, done));
  }
  if (one.cost !== undefined)
    update(sessionId, { sessionUpdate: "usage_update", used: 1, size: 2, cost: { amount: one.cost, currency: "USD" } });
  if (one.hidden !== undefined && existsSync(one.hidden)) process.exit(9);
  if (one.hang) await new Promise(() => setInterval(() => undefined, 60_000));
  if (one.exit !== undefined) process.exit(one.exit);
}

async function prompt({ sessionId, prompt: blocks }) {
  const text = blocks.map((block) => block.text).join("");
  const {
    acp,
    result,
    stop = "end_turn",
    usage,
    error,
  } = JSON.parse(/\{"acp".*\}/s.exec(text.slice(Math.max(0, text.lastIndexOf('{"acp"'))))?.[0] ?? always);
  for (const one of acp) await act(sessionId, one);
  if (error !== undefined) return { error };
  if (result !== undefined) saying(sessionId, typeof result === "string" ? result : JSON.stringify(result));
  writeFileSync(join(store, `${sessionId}.json`), JSON.stringify({ said: text }));
  return { result: { stopReason: stop, ...(usage === undefined ? {} : { usage }) } };
}

const models = { currentModelId: "gpt-5.5", availableModels: [{ modelId: "gpt-5.5", name: "x" }] };
const modes = {
  currentModeId: "code",
  availableModes: [
    { id: "code", name: "Code" },
    { id: "plan", name: "Plan" },
  ],
};

async function answer({ method, params }) {
  switch (method) {
    case "initialize":
      return {
        result: {
          protocolVersion: flags.has("--v2") ? 2 : 1,
          agentCapabilities: { loadSession: !flags.has("--no-load") },
          agentInfo: { name: "puppet", version: "1.2.3" },
          authMethods: [],
        },
      };
    case "session/new": {
      if (flags.has("--no-login")) return { error: { code: -32000, message: "Authentication required" } };
      mkdirSync(store, { recursive: true });
      return { result: { sessionId: existsSync(join(store, "acp-1.json")) ? "acp-2" : "acp-1", models, modes } };
    }
    case "session/load":
      if (flags.has("--forgets") || !existsSync(join(store, `${params.sessionId}.json`)))
        return { error: { code: -32602, message: "no such session" } };
      saying(params.sessionId, `earlier: ${JSON.parse(readFileSync(join(store, `${params.sessionId}.json`))).said}`);
      return { result: { modes } };
    case "session/set_mode":
    case "session/set_model":
      return { result: {} };
    case "session/prompt":
      return await prompt(params);
    default:
      return { error: { code: -32601, message: "Method not found" } };
  }
}

createInterface({ input: process.stdin }).on("line", async (line) => {
  const message = JSON.parse(line);
  if (message.method === undefined) {
    waiting.get(message.id)?.(message.result ?? message.error);
    waiting.delete(message.id);
  } else send({ id: message.id, ...(await answer(message)) });
});
