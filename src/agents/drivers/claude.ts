/**
 * Claude Code, one shot for each question: `claude -p` with its JSON stream. Found by running 2.1.329 (Linux) against a server of
 * our own:
 * - It reads stdin to the end. Success is a `result` line with `is_error` false; `subtype` is "success" also when the API failed.
 * - It tries failed calls again by itself, 401 too; CLAUDE_CODE_MAX_RETRIES bounds that. A 429 that names a time far off ends at once.
 * - Only an account's login tells when a quota is there again (`rate_limit_event`); with an API key a 429 has no time.
 * - Exit 1 on an API error; SIGINT while it waits exits 0.
 * - `--tools` is what exists at all: without Write, Edit and Bash nothing writes. An *allowed* Write may write anywhere; without that,
 *   `acceptEdits` lets it write in the working folder and `--add-dir` only. Bash is not confined by any rule of it.
 * - `--setting-sources user` leaves out settings of the worktree, whose hooks would run as commands; the user's are not in our home.
 * - `result.usage` and `model_usage_since_last_result` are this process's, `modelUsage` and `total_cost_usd` the whole session's.
 * - A schema that names its dialect (`$schema`) it refuses, with exit 1 and a line on stderr only.
 * - With a schema it must call a tool `StructuredOutput`, and is told once to; the answer is `structured_output`.
 * - A session can be gone on with only from the same folder and home. Its log is `.claude/projects/<cwd>/<session>.jsonl` there.
 */
import { join } from "node:path";
import type { Host } from "../../host/index.ts";
import type { AgentConfig, Driver, DriverAsk, Launch } from "../contract.ts";
import { listen, log } from "./claude-stream.ts";
import { bareSchema, isObject, type Said } from "./lines.ts";
import { detectProgram, findProgram, keyOfNoAccount, type Login, uuidOf } from "./program.ts";

const keys = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"];
const retries = "CLAUDE_CODE_MAX_RETRIES";

export const claude: Driver = {
  name: "claude",
  abilities: {
    session: "chosen",
    quota: "with an account's login; not with a key",
    structured: "by schema",
    usage: "at the end of a turn",
    cost: "given",
    limits: ["turns", "usd"],
    readOnly: "no tool that writes exists",
    writing: "edits in the worktree and the folders added; the shell by nothing",
  },
  canResume: true,
  access: ["read-only", "workspace-write"],
  variables: [...keys, "ANTHROPIC_BASE_URL", "ANTHROPIC_CUSTOM_HEADERS", retries],
  // Found in the program: the API, and where a login is renewed. What else it calls is switched off below.
  hosts: () => ["api.anthropic.com", "platform.claude.com"],
  defaultModel: "opus",
  install: "npm install -g @anthropic-ai/claude-code",
  pointedAt: (url) => ({
    config: { env: { ANTHROPIC_BASE_URL: url, [retries]: "1" } },
    keys: { ANTHROPIC_API_KEY: keyOfNoAccount },
  }),
  detect: (host, config) => detectProgram(host, config, "claude", loginOf(host)),
  locate: (host, config) => findProgram(host, config, "claude"),
  family: () => Promise.resolve("anthropic"),
  command: (host, ask) => launch(host, ask, ["--session-id", uuidOf(ask)]),
  resume: (host, ask, session) => launch(host, ask, ["--resume", session]),
  listen: () => listen(),
  log,
};

/** Where the user's login lies. On macOS it is in the keychain, where no file shows it. */
const credentialsOf = ({ machine }: Host): string =>
  join(machine.env["CLAUDE_CONFIG_DIR"] ?? join(machine.userHome, ".claude"), ".credentials.json");

const loginOf = (host: Host): Login => ({
  variables: keys,
  files: [credentialsOf(host)],
  elsewhere: host.machine.platform === "darwin",
  advice: "Start claude once, or set ANTHROPIC_API_KEY",
});

const looking = ["Read", "Grep", "Glob"];
const changing = ["Edit", "Write", "Bash"];

function launch(host: Host, ask: DriverAsk, session: readonly string[]): Launch {
  const writes = ask.access === "workspace-write";
  const { schema, limits, systemText } = ask;
  const given = (name: string, value: string | number | null): string[] => (value === null ? [] : [name, `${value}`]);
  const args = [
    "-p",
    ...["--output-format", "stream-json", "--verbose"],
    ...given("--model", ask.model),
    ...session,
    ...["--permission-mode", writes ? "acceptEdits" : "dontAsk"],
    ...["--tools", (writes ? [...looking, ...changing] : looking).join(",")],
    ...(writes ? ["--allowedTools", "Bash"] : []),
    ...ask.extraWritable.flatMap((folder) => ["--add-dir", folder]),
    ...["--setting-sources", "user", "--strict-mcp-config", "--disable-slash-commands"],
    ...given("--append-system-prompt", systemText),
    ...(isTool(schema) ? ["--json-schema", JSON.stringify(bareSchema(schema))] : []),
    ...given("--max-turns", limits.turns),
    ...given("--max-budget-usd", limits.usd),
    ...(ask.config.args ?? []),
  ];
  return {
    command: [ask.program, ...args],
    env: {
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_AUTOUPDATER: "1",
      DISABLE_TELEMETRY: "1",
      DISABLE_ERROR_REPORTING: "1",
      [retries]: retriesOf(host, ask.config),
    },
    stdin: ask.prompt,
    files: [],
    credentials: [{ from: credentialsOf(host), to: join(ask.home, ".claude", ".credentials.json") }],
  };
}

/** Half a minute of its own trying in all, where nobody wants another number; ten times, as it does by itself, is minutes. */
const retriesOf = (host: Host, config: AgentConfig): string =>
  config.env?.[retries] ?? host.machine.env[retries] ?? "5";

/** A schema becomes the input of a tool, and that must be an object. */
const isTool = (schema: unknown): schema is Said => isObject(schema) && schema["type"] === "object";
