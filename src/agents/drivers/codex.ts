/**
 * Codex, one shot for each question: `codex exec --json`. Found by running 0.169.0 (Linux) against a server of our own:
 * - With `-` it reads the prompt from stdin to the end; an open stdin hangs it.
 * - Success is `turn.completed`, failure `turn.failed` with exit 1. The stream has sentences, not codes: an `error` line is one of its
 *   own retries ("Reconnecting... 1/5") or the sentence that `turn.failed` says again. Kinds are read from these sentences.
 * - A used-up quota comes with a day in words of the local zone, if at all; that is shown and not computed with.
 * - Its sandbox confines every command and patch, as root too: read-only means it. When it may write, `.git` of the working folder is
 *   closed all the same, so the folders that a commit needs are added. TMPDIR is that of the dispatch; /tmp stays closed.
 * - Inside a sandbox of ours its own is switched off (`danger-full-access`): there it has nothing to make one with.
 * - Its sandbox leaves empty `.codex` and `.agents` in the folder.
 * - A command that ends at once may be missing from the stream, so calls by tool are a lower bound.
 * - Usage counts over the whole thread: input has the cached in it, output the reasoned. What the thread used before is taken off.
 *   The stream does not say which model served, nor what it cost.
 * - There is no limit of turns or cost; the clocks end it.
 * - `--ignore-user-config` leaves out config.toml, so a provider of one's own goes into `agents.codex.args` (`-c` pairs).
 * - The npm launcher is a second process and leaves orphans when killed: the program inside is started.
 * - Its log is `.codex/sessions/YYYY/MM/DD/rollout-*.jsonl` in its home.
 */
import { dirname, join } from "node:path";
import type { Host } from "../../host/index.ts";
import type { TokenUse } from "../../model/index.ts";
import type {
  AgentConfig,
  AgentEvent,
  Driver,
  DriverAsk,
  FailureKind,
  Launch,
  LoggedCall,
  Parser,
} from "../contract.ts";
import { bareSchema, countIn, hearObject, isObject, objectIn, type Said, textIn } from "./lines.ts";
import { detectProgram, findProgram, keyOfNoAccount, type Login } from "./program.ts";

const keys = ["CODEX_API_KEY"];

export const codex: Driver = {
  name: "codex",
  abilities: {
    session: "told",
    quota: "in words only, so it counts as unknown",
    structured: "by schema where the provider takes it",
    usage: "at the end of a turn",
    cost: "none",
    limits: [],
    readOnly: "its own sandbox",
    writing: "its own sandbox: the worktree, its git folders and the folders added",
  },
  canResume: true,
  access: ["read-only", "workspace-write"],
  variables: [...keys, "OPENAI_API_KEY", "OPENAI_ORGANIZATION", "OPENAI_PROJECT"],
  // Found in the program: the API for keys, that for accounts, and where a login is renewed.
  hosts: () => ["api.openai.com", "chatgpt.com", "auth.openai.com"],
  defaultModel: "gpt",
  install: "npm install -g @openai/codex",
  pointedAt: (url) => ({ config: { args: providerAt(url) }, keys: { CODEX_API_KEY: keyOfNoAccount } }),
  detect: (host, config) => detectProgram(host, config, "codex", loginOf(host)),
  locate,
  family: () => Promise.resolve("openai"),
  leaves: [".codex", ".agents"],
  command: (host, ask) => launch(host, ask, []),
  resume: (host, ask, session) => launch(host, ask, ["resume", session]),
  listen,
  log: {
    folder: ".codex",
    variable: "CODEX_HOME",
    below: "sessions",
    depth: 3,
    mark: '"token_usage_record"',
    calls,
  },
};

const credentialsOf = ({ machine }: Host): string =>
  join(machine.env["CODEX_HOME"] ?? join(machine.userHome, ".codex"), "auth.json");

const loginOf = (host: Host): Login => ({
  variables: keys,
  files: [credentialsOf(host)],
  elsewhere: false,
  advice: "Run codex login, or set CODEX_API_KEY",
});

/** A provider of one's own, as `-c` pairs. */
function providerAt(url: string): readonly string[] {
  const provider = { name: "loopback", base_url: `${url}/v1`, env_key: "CODEX_API_KEY", wire_api: "responses" };
  const own = Object.entries({ ...provider, request_max_retries: 1, stream_max_retries: 1 });
  const pairs = [
    ["model_provider", "loopback"],
    ...own.map(([key, value]) => [`model_providers.loopback.${key}`, value]),
  ];
  return pairs.flatMap(([key, value]) => ["-c", `${key}=${JSON.stringify(value)}`]);
}

/** The native program beside the npm launcher, or what was found. */
async function locate(host: Host, config: AgentConfig): Promise<string | undefined> {
  const found = await findProgram(host, config, "codex");
  const real = found === undefined ? undefined : await host.files.realPath(found);
  if (real === undefined || !real.endsWith("/@openai/codex/bin/codex.js")) return found;
  const own = dirname(dirname(real));
  for (const near of [dirname(own), join(own, "node_modules", "@openai")]) {
    const packages = (await host.files.list(near)).filter(({ name }) =>
      name.startsWith(`codex-${host.machine.platform}-`),
    );
    for (const { name } of packages) {
      const vendor = join(near, name, "vendor");
      for (const target of await host.files.list(vendor)) {
        const program = join(vendor, target.name, "bin", "codex");
        if ((await host.files.look(program)) !== undefined) return program;
      }
    }
  }
  return found;
}

/** What it fetches at its start into each new home, from GitHub and its vendor: text that nobody asked for and nothing records. */
const fetched = ["plugins", "remote_plugin", "apps"];

function launch(host: Host, ask: DriverAsk, how: readonly string[]): Launch {
  const writes = ask.access === "workspace-write";
  const schemaFile = join(ask.scratch, "codex-schema.json");
  const schema = isStrict(ask.schema) ? [{ path: schemaFile, text: JSON.stringify(bareSchema(ask.schema)) }] : [];
  const set = (name: string, value: string): string[] => ["-c", `${name}=${value}`];
  const args = [
    ...["exec", "--json", "--skip-git-repo-check", "--ignore-user-config", "--ignore-rules"],
    ...["-C", ask.cwd],
    ...(ask.model === null ? [] : ["-m", ask.model]),
    ...["-s", ask.confined ? "danger-full-access" : writes ? "workspace-write" : "read-only"],
    ...(writes && !ask.confined ? set("sandbox_workspace_write.exclude_slash_tmp", "true") : []),
    ...(writes && !ask.confined
      ? [...ask.extraWritable, ...ask.gitFolders].flatMap((folder) => ["--add-dir", folder])
      : []),
    ...set("web_search", "disabled"),
    ...set("check_for_update_on_startup", "false"),
    ...set("analytics.enabled", "false"),
    ...fetched.flatMap((feature) => set(`features.${feature}`, "false")),
    ...(ask.systemText === null ? [] : set("developer_instructions", JSON.stringify(ask.systemText))),
    ...schema.flatMap(({ path }) => ["--output-schema", path]),
    ...(ask.config.args ?? []),
    ...how,
    "-",
  ];
  return {
    command: [ask.program, ...args],
    env: {},
    stdin: ask.prompt,
    files: schema,
    credentials: [{ from: credentialsOf(host), to: join(ask.home, ".codex", "auth.json") }],
  };
}

/** What the provider takes as a schema: every object closed and all its properties required; anything else it refuses with 400. */
function isStrict(schema: unknown): schema is Said {
  if (!isObject(schema) || schema["type"] !== "object") return false;
  return holdsStrict(schema);
}

function holdsStrict(node: unknown): boolean {
  if (!isObject(node)) return true;
  if (["oneOf", "allOf", "not", "if", "patternProperties", "propertyNames"].some((word) => word in node)) return false;
  const properties = objectIn(node, "properties");
  const required = Array.isArray(node["required"]) ? node["required"] : [];
  const isClosed = node["additionalProperties"] === false;
  if (node["type"] === "object" && !isClosed) return false;
  if (!Object.keys(properties).every((name) => required.includes(name))) return false;
  const anyOf = Array.isArray(node["anyOf"]) ? node["anyOf"] : [];
  const inner = [...Object.values(properties), ...Object.values(objectIn(node, "$defs")), node["items"], ...anyOf];
  return inner.every(holdsStrict);
}

/** Items that are work of its own hands: between their start and end a tool is open. */
const working: ReadonlySet<string> = new Set([
  "command_execution",
  "file_change",
  "mcp_tool_call",
  "web_search",
  "collab_tool_call",
]);

function listen(ask: DriverAsk): Parser {
  let last = "";
  const open = new Set<string>();

  const eventsOf = (said: Said): readonly AgentEvent[] | undefined => {
    switch (said["type"]) {
      case "thread.started":
        return [{ type: "started", session: textIn(said, "thread_id"), model: null, family: null }];
      case "turn.started":
        return [];
      case "item.started":
      case "item.updated":
        return begun(objectIn(said, "item"));
      case "item.completed":
        return ended(objectIn(said, "item"));
      case "error":
        return retryIn(textIn(said, "message") ?? "");
      case "turn.completed":
        return [...usageEvent(said, ask), { type: "finished", text: last }];
      case "turn.failed":
        return failedFor(textIn(objectIn(said, "error"), "message") ?? "no reason given");
      default:
        return undefined;
    }
  };

  const begun = (item: Said): readonly AgentEvent[] => {
    const id = textIn(item, "id") ?? "";
    const name = textIn(item, "type") ?? "unnamed";
    if (!working.has(name) || open.has(id)) return [];
    open.add(id);
    return [{ type: "tool-call", id, name: textIn(item, "tool") ?? name }];
  };

  const ended = (item: Said): readonly AgentEvent[] => {
    const text = textIn(item, "text") ?? "";
    if (item["type"] === "agent_message") {
      last = text;
      return [{ type: "text", text }];
    }
    if (item["type"] === "reasoning") return [{ type: "text", text }];
    const started = begun(item);
    const id = textIn(item, "id") ?? "";
    return open.delete(id) ? [...started, { type: "tool-result", id }] : [];
  };

  return { hear: (line) => hearObject(line, eventsOf), end: () => [] };
}

const retryIn = (message: string): readonly AgentEvent[] =>
  message.startsWith("Reconnecting") ? [{ type: "retry", reason: message }] : [];

function failedFor(reason: string): readonly AgentEvent[] {
  const kind = kindOf(reason);
  const failed: AgentEvent = { type: "failed", reason, kind };
  return kind === "quota" ? [{ type: "quota", resetAt: null }, failed] : [failed];
}

/** From its sentences; one that is new to us is `unknown`. */
function kindOf(reason: string): FailureKind {
  const status = Number(/\bstatus:? (\d{3})\b/.exec(reason)?.[1] ?? 0);
  if (/usage limit|quota exceeded|exceeded your current quota/i.test(reason) || status === 429) return "quota";
  if (status === 401 || status === 403 || /not logged in|log in again|token (?:has )?expired/i.test(reason))
    return "auth";
  if (status >= 500 || status === 408) return "transient";
  if (status >= 400) return "deterministic";
  if (/high demand|stream disconnected|error sending request|timed? ?out|connection/i.test(reason)) return "transient";
  return /context window|invalid_request|invalid request|not supported/i.test(reason) ? "deterministic" : "unknown";
}

/** The thread's sums less what its earlier processes used; unknown if that is not known. */
function usageEvent(said: Said, { address, used }: DriverAsk): AgentEvent[] {
  if (!isObject(said["usage"]) || (address.reask + (address.checked ?? 0) > 0 && used === null)) return [];
  const sums = useIn(said["usage"]);
  const usage: TokenUse = {
    input: sums.input - (used?.input ?? 0),
    cachedInput: sums.cachedInput - (used?.cachedInput ?? 0),
    cacheWrite: sums.cacheWrite - (used?.cacheWrite ?? 0),
    output: sums.output - (used?.output ?? 0),
    reasoning: sums.reasoning - (used?.reasoning ?? 0),
    costUsd: null,
  };
  return [{ type: "usage", usage }];
}

/** Its counts overlap: the cached is in the input, the reasoned in the output. */
function useIn(counts: Said): TokenUse {
  const cachedInput = countIn(counts, "cached_input_tokens");
  const cacheWrite = countIn(counts, "cache_write_input_tokens");
  const reasoning = countIn(counts, "reasoning_output_tokens");
  return {
    input: countIn(counts, "input_tokens") - cachedInput - cacheWrite,
    cachedInput,
    cacheWrite,
    output: countIn(counts, "output_tokens") - reasoning,
    reasoning,
    costUsd: null,
  };
}

/** A record for each call; older programs write running sums only, which are not read. */
function calls(said: Said): readonly LoggedCall[] {
  const record = objectIn(said, "payload");
  const id = textIn(record, "response_id");
  const used = record["usage"];
  return said["type"] === "token_usage_record" && id !== null && isObject(used) ? [{ id, use: useIn(used) }] : [];
}
