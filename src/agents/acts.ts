/**
 * What an agent did, from a log of it: the stream that the run kept, or the agent's own session log. Both are read line by line, and a
 * line is known by its shape, so that no log has to say whose it is. Formats as found by running claude-code 2.1.329, codex 0.169.0
 * and gemini-cli 0.61.0; ACP as its protocol says; the scripted agent's own.
 */

/** `wrote` and `read`: a path as the agent gave it; `ran`: a command. `refused`: it asked for that and was not let. */
export type Act = { readonly did: "wrote" | "ran" | "read"; readonly what: string; readonly refused: boolean };

export type Heard = {
  readonly models: readonly string[];
  readonly acts: readonly Act[];
  /** The folder that the agent worked in, where its log says so. */
  readonly cwd: string | null;
  /** Lines that are no JSON object. */
  readonly unread: number;
  /** Lines that are of no agent's shape that is known here, and how many are. A log of which none is known tells nothing. */
  readonly unknown: number;
  readonly known: number;
  /** What calls that nobody here understands say that they are. */
  readonly strange: readonly string[];
};

type Said = Readonly<Record<string, unknown>>;
type Call = { readonly did: Act["did"]; readonly what: readonly string[]; readonly shell: boolean };
type Listening = {
  readonly models: Set<string>;
  /** By the id of the call: logs tell of the same one more than once. */
  readonly calls: Map<string, Call>;
  readonly refused: Set<string>;
  cwd: string | null;
};

/** Reads a whole log: JSON lines, or one JSON document that holds messages. */
export function hearLog(text: string): Heard {
  const listening: Listening = { models: new Set(), calls: new Map(), refused: new Set(), cwd: null };
  const counted = { unread: 0, known: 0, unknown: 0 };
  const strange = new Set<string>();
  for (const said of linesOf(text)) {
    counted[said === undefined ? "unread" : isKnown(said) ? "known" : "unknown"]++;
    if (said === undefined) continue;
    for (const hear of hearers) hear(listening, said);
    for (const name of strangeIn(said)) strange.add(name);
  }
  const acts = [...listening.calls].flatMap(([id, { did, what }]) =>
    what.map((one): Act => ({ did, what: one, refused: listening.refused.has(id) })),
  );
  return { models: [...listening.models].sort(), acts, cwd: listening.cwd, ...counted, strange: [...strange].sort() };
}

function linesOf(text: string): (Said | undefined)[] {
  const whole = text.trimStart().startsWith("{\n") ? parsed(text) : undefined;
  if (whole !== undefined) return [whole, ...listIn(whole, "messages")];
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(parsed);
}

function parsed(text: string): Said | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Claude Code, stream and session log alike: messages whose parts are calls, and messages with their results. */
function hearClaude(to: Listening, said: Said): void {
  const message = objectIn(said, "message");
  if (said["type"] === "system" || said["type"] === "assistant" || said["type"] === "user")
    to.cwd ??= textIn(said, "cwd");
  const model = textIn(message, "model");
  if (said["type"] === "assistant" && model !== null && model !== "<synthetic>") to.models.add(model);
  for (const part of listIn(message, "content")) {
    if (part["type"] === "tool_use") called(to, textIn(part, "id"), textIn(part, "name"), objectIn(part, "input"));
    // A command that failed is one that ran.
    const id = textIn(part, "tool_use_id");
    if (part["type"] === "tool_result" && part["is_error"] === true && id !== null && to.calls.get(id)?.shell !== true)
      to.refused.add(id);
  }
  for (const meta of listIn(said, "tool_result_meta")) {
    const decision = textIn(objectIn(meta, "permission_decision"), "decision");
    const id = textIn(meta, "id");
    if (decision !== null && decision !== "accept" && id !== null) to.refused.add(id);
  }
}

/** Codex: items of its stream. */
function hearCodexStream(to: Listening, said: Said): void {
  const item = objectIn(said, "item");
  const id = textIn(item, "id");
  if (typeof said["type"] !== "string" || !said["type"].startsWith("item.") || id === null) return;
  if (item["type"] === "command_execution") {
    const command = textIn(item, "command");
    if (command !== null) to.calls.set(id, { did: "ran", what: [command], shell: true });
    if (item["status"] === "declined") to.refused.add(id);
  }
  if (item["type"] === "file_change") {
    to.calls.set(id, { did: "wrote", what: textsIn(listIn(item, "changes"), "path"), shell: false });
    if (item["status"] === "failed" || item["status"] === "declined") to.refused.add(id);
  }
}

/** Codex: its rollout, where each line wraps what was sent to the model. */
function hearRollout(to: Listening, said: Said): void {
  const payload = objectIn(said, "payload");
  if (said["type"] === "session_meta" || said["type"] === "turn_context") to.cwd = textIn(payload, "cwd") ?? to.cwd;
  const model = textIn(payload, "model");
  if (said["type"] === "turn_context" && model !== null) to.models.add(model);
  if (said["type"] !== "response_item") return;
  const id = textIn(payload, "call_id") ?? textIn(payload, "id");
  if (payload["type"] === "local_shell_call" && id !== null)
    to.calls.set(id, { did: "ran", what: commandIn(objectIn(payload, "action")), shell: true });
  if (payload["type"] === "function_call")
    called(to, id, textIn(payload, "name"), parsed(textIn(payload, "arguments") ?? "") ?? {});
  if (payload["type"] === "custom_tool_call")
    called(to, id, textIn(payload, "name"), { input: textIn(payload, "input") ?? "" });
}

/** Gemini CLI: lines of its stream, and messages of its chats, where the last one with an id counts. */
function hearGemini(to: Listening, said: Said): void {
  if (said["type"] === "tool_use")
    called(to, textIn(said, "tool_id"), textIn(said, "tool_name"), objectIn(said, "parameters"));
  const answered = textIn(said, "tool_id");
  if (said["type"] === "tool_result" && said["status"] === "error" && answered !== null && !ranOf(to, answered))
    to.refused.add(answered);
  if (said["type"] === "result")
    for (const name of Object.keys(objectIn(objectIn(said, "stats"), "models"))) to.models.add(name);
  if (said["type"] !== "gemini") return;
  const model = textIn(said, "model");
  if (model !== null) to.models.add(model);
  for (const call of listIn(said, "toolCalls")) {
    const id = textIn(call, "id");
    called(to, id, textIn(call, "name"), objectIn(call, "args"));
    const failed = call["status"] === "error" || call["status"] === "cancelled";
    if (id !== null && (call["status"] === "cancelled" || (failed && !ranOf(to, id)))) to.refused.add(id);
  }
}

const ranOf = (to: Listening, id: string): boolean => to.calls.get(id)?.shell === true;

/** Any agent of the Agent Client Protocol: what kind a call is, and which places it is about. */
function hearAcp(to: Listening, said: Said): void {
  const update = objectIn(objectIn(said, "params"), "update");
  const id = textIn(update, "toolCallId");
  if (said["method"] !== "session/update" || id === null) return;
  if (update["status"] === "failed" && !ranOf(to, id)) to.refused.add(id);
  const places = textsIn(listIn(update, "locations"), "path");
  const kind = update["kind"];
  if (kind === "edit" || kind === "delete" || kind === "move")
    to.calls.set(id, { did: "wrote", what: places, shell: false });
  if (kind === "read" || kind === "search") to.calls.set(id, { did: "read", what: places, shell: false });
  if (kind === "execute") {
    const given = commandIn(objectIn(update, "rawInput"));
    to.calls.set(id, { did: "ran", what: given.length > 0 ? given : [textIn(update, "title") ?? ""], shell: true });
  }
}

/** The scripted agent says of each step what it was and on what. */
function hearScripted(to: Listening, said: Said): void {
  if (said["type"] === "started" && said["scripted"] === true) {
    const model = textIn(said, "model");
    if (model !== null) to.models.add(model);
  }
  const [id, detail] = [textIn(said, "id"), textIn(said, "detail")];
  if (said["type"] !== "tool-call" || id === null || detail === null) return;
  const writes = said["name"] === "write" || said["name"] === "edit";
  to.calls.set(id, { did: writes ? "wrote" : "ran", what: writes ? detail.split(" ") : [detail], shell: !writes });
}

const hearers = [hearClaude, hearCodexStream, hearRollout, hearGemini, hearAcp, hearScripted] as const;

/** What a line of each agent is called that says what the agent did, or that it did nothing. */
const types = new Set([
  ...["system", "assistant", "user", "result"],
  ...["error", "session_meta", "turn_context", "response_item", "event_msg"],
  ...["init", "message", "tool_use", "tool_result", "gemini"],
  ...["started", "text", "tool-call", "tool-result", "usage", "retry", "quota", "failed", "finished"],
]);

function isKnown(said: Said): boolean {
  const type = textIn(said, "type");
  if (type === null) return said["jsonrpc"] === "2.0" || Array.isArray(said["messages"]) || isObject(said["$set"]);
  return types.has(type) || /^(?:thread|turn|item)\.\w+$/.test(type);
}

const codexItems = new Set(
  "agent_message reasoning command_execution file_change todo_list web_search error".split(" "),
);
const isCall = /(?:^|[._-])(?:call|tool_use|exec|command|patch)$/;
const understood = new Set(["tool_use", "tool-call", "local_shell_call", "function_call", "custom_tool_call"]);

/** Calls of a kind that no reader knows: what was done in them is not seen. */
function strangeIn(said: Said): string[] {
  const [type, item] = [textIn(said, "type"), textIn(objectIn(said, "item"), "type")];
  if (type?.startsWith("item.") === true) return item === null || codexItems.has(item) ? [] : [item];
  const payload = type === "response_item" ? textIn(objectIn(said, "payload"), "type") : null;
  const parts = textsIn(listIn(objectIn(said, "message"), "content"), "type");
  return [type, payload, ...parts].flatMap((name) =>
    name !== null && isCall.test(name) && !understood.has(name) ? [name] : [],
  );
}

const writing = new Set(["Write", "Edit", "MultiEdit", "NotebookEdit", "write_file", "replace", "edit"]);
const running = new Set(["Bash", "run_shell_command", "shell", "shell_command", "exec_command", "unified_exec"]);
const pathKeys = ["file_path", "notebook_path", "absolute_path", "dir_path", "path", "pattern"];

/** A call of a tool by its name, whichever of the three programs calls it so. */
function called(to: Listening, id: string | null, name: string | null, input: Said): void {
  if (id === null || name === null) return;
  if (running.has(name)) to.calls.set(id, { did: "ran", what: commandIn(input), shell: true });
  else if (name === "apply_patch")
    to.calls.set(id, { did: "wrote", what: patched(textIn(input, "input") ?? ""), shell: false });
  else {
    const paths = pathKeys.flatMap((key) => textIn(input, key) ?? []);
    const what = writing.has(name) ? paths.slice(0, 1) : paths;
    to.calls.set(id, { did: writing.has(name) ? "wrote" : "read", what, shell: false });
  }
}

function commandIn(input: Said): string[] {
  const command = input["command"] ?? input["cmd"];
  if (typeof command === "string") return [command];
  if (!Array.isArray(command)) return [];
  return [command.filter((word) => typeof word === "string").join(" ")];
}

/** The files that a patch of Codex names. */
const patched = (patch: string): string[] =>
  [...patch.matchAll(/^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.+)$/gm)].map(([, path]) => (path ?? "").trim());

const isObject = (value: unknown): value is Said =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objectIn = (said: Said, key: string): Said => {
  const value = said[key];
  return isObject(value) ? value : {};
};
const textIn = (said: Said, key: string): string | null => (typeof said[key] === "string" ? said[key] : null);
const listIn = (said: Said, key: string): Said[] => {
  const value = said[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
};
const textsIn = (list: readonly Said[], key: string): string[] => list.flatMap((one) => textIn(one, key) ?? []);
