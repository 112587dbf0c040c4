/**
 * Gemini CLI, one shot for each question: `gemini -o stream-json`, the prompt on stdin. Found by running 0.61.0 (Linux) against a
 * server of our own:
 * - It reads stdin to the end. Success is a `result` line with status "success"; SIGTERM exits 0 without one.
 * - A failed call ends in a `result` with status "error", whose type says nothing; the exit code is the HTTP status modulo 256
 *   (429 becomes 173). 41 is a login that is missing, 42 wrong input, 53 the limit of turns, 55 a folder that it does not trust.
 * - It tries failed calls again by itself, 5 s and more apart; `general.maxAttempts` bounds that. Of a 429 it passes on in
 *   how many seconds the provider wants to be asked again, where it said so ("Suggested retry after 3600s").
 * - In its default mode without a terminal, tools that write or run commands are not offered. The shell exists only where all is
 *   approved (`yolo`); its file tools then still refuse paths outside the folder and those included, the shell refuses nothing.
 * - It needs settings in its home that name the kind of login. It must trust the folder to start at all, and then obeys that
 *   folder's `.gemini` (commands that run at each start): where there is one, it is not started (`hindrance`).
 * - Usage (`result.stats`) is this process's: `input` is without the cached, what was thought is in the total only. No cost.
 * - A session can be gone on with only from the same folder and home. Its log is `.gemini/tmp/<folder>/chats/session-*.jsonl` there.
 */
import { join } from "node:path";
import type { Host } from "../../host/index.ts";
import type { TokenUse } from "../../model/index.ts";
import type {
  AgentConfig,
  AgentEvent,
  Driver,
  DriverAsk,
  Exit,
  FailureKind,
  Launch,
  LoggedCall,
  Parser,
} from "../contract.ts";
import { countIn, hearObject, isObject, isoOf, listIn, objectIn, type Said, textIn } from "./lines.ts";
import { detectProgram, findProgram, keyOfNoAccount, type Login, uuidOf } from "./program.ts";

const keys = ["GEMINI_API_KEY", "GOOGLE_API_KEY"];
const logins = ["oauth_creds.json", "google_accounts.json"];
const vertex = ["GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"];
/** Where calls go. Set in any case, so that a `.env` of the worktree cannot send them elsewhere. */
const addresses = ["GOOGLE_GEMINI_BASE_URL", "GOOGLE_VERTEX_BASE_URL", "CODE_ASSIST_ENDPOINT"];

export const gemini: Driver = {
  name: "gemini",
  abilities: {
    session: "chosen",
    quota: "where the provider gave one",
    structured: "in the prompt",
    usage: "at the end of a turn",
    cost: "none",
    limits: ["turns"],
    readOnly: "writing and the shell are not offered",
    writing: "edits in the worktree and the folders added; the shell by nothing",
  },
  canResume: true,
  access: ["read-only", "workspace-write"],
  variables: [...keys, ...vertex, ...addresses],
  hosts: hostsOf,
  defaultModel: "auto",
  install: "npm install -g @google/gemini-cli",
  // `auto` would ask a model first which model to ask.
  pointedAt: (url) => ({
    config: { model: "=gemini-3-pro", env: { GOOGLE_GEMINI_BASE_URL: url } },
    keys: { GEMINI_API_KEY: keyOfNoAccount },
  }),
  detect: (host, config) => detectProgram(host, config, "gemini", loginOf(host)),
  locate: (host, config) => findProgram(host, config, "gemini"),
  hindrance,
  family: () => Promise.resolve("google"),
  command: (host, ask) => launch(host, ask, ["--session-id", uuidOf(ask)]),
  resume: (host, ask, session) => launch(host, ask, ["--resume", session]),
  listen: () => listen(),
  log: {
    folder: ".gemini",
    variable: null,
    below: "tmp",
    depth: 2,
    shortNames: /\/chats\/session-[^/]*$/,
    mark: '"tokens"',
    calls,
  },
};

/** Found in the program: the API for keys; for accounts Code Assist, renewal of a login and who it is of; Vertex with its regions. */
function hostsOf(seen: (name: string) => string | undefined): readonly string[] {
  const accounts = ["cloudcode-pa.googleapis.com", "oauth2.googleapis.com", "www.googleapis.com"];
  const region = seen("GOOGLE_CLOUD_LOCATION") ?? "";
  const regional = /^[a-z0-9-]+$/.test(region) ? [`${region}-aiplatform.googleapis.com`] : [];
  const vertexAi = [
    "aiplatform.googleapis.com",
    "*.rep.googleapis.com",
    "sts.googleapis.com",
    "iamcredentials.googleapis.com",
  ];
  const isVertex = (seen("GOOGLE_GENAI_USE_VERTEXAI") ?? "") !== "";
  return ["generativelanguage.googleapis.com", ...accounts, ...(isVertex ? [...vertexAi, ...regional] : [])];
}

const userFolder = ({ machine }: Host): string => join(machine.userHome, ".gemini");

const loginOf = (host: Host): Login => ({
  variables: [...keys, "GOOGLE_GENAI_USE_VERTEXAI"],
  files: [join(userFolder(host), "oauth_creds.json")],
  elsewhere: false,
  advice: "Start gemini once, or set GEMINI_API_KEY",
});

async function hindrance(host: Host, { cwd }: DriverAsk): Promise<string | undefined> {
  const folder = join(cwd, ".gemini");
  if ((await host.files.look(folder)) === undefined) return undefined;
  return "is not started where there is a .gemini folder, since it would run the commands that stand in it";
}

const seen = (host: Host, config: AgentConfig, name: string): string =>
  config.env?.[name] ?? host.machine.env[name] ?? "";

function kindOfLogin(host: Host, config: AgentConfig): string {
  if (seen(host, config, "GEMINI_API_KEY") !== "") return "gemini-api-key";
  if (seen(host, config, "GOOGLE_GENAI_USE_VERTEXAI") !== "") return "vertex-ai";
  return "oauth-personal";
}

function launch(host: Host, ask: DriverAsk, session: readonly string[]): Launch {
  const writes = ask.access === "workspace-write";
  const settings = {
    security: { auth: { selectedType: kindOfLogin(host, ask.config) }, folderTrust: { enabled: false } },
    general: { maxAttempts: 3, enableAutoUpdate: false, enableAutoUpdateNotification: false },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    tools: { exclude: ["google_web_search", "web_fetch"] },
    model: { maxSessionTurns: ask.limits.turns ?? -1 },
  };
  const added = writes ? ask.extraWritable : [];
  const args = [
    ...["-o", "stream-json"],
    ...(ask.model === null ? [] : ["-m", ask.model]),
    ...session,
    ...["--approval-mode", writes ? "yolo" : "default"],
    ...added.flatMap((folder) => ["--include-directories", folder]),
    ...(ask.config.args ?? []),
  ];
  const fixed = addresses.map((name) => [name, seen(host, ask.config, name)] as const);
  return {
    command: [ask.program, ...args],
    env: { ...Object.fromEntries(fixed), GEMINI_CLI_NO_RELAUNCH: "true", NO_BROWSER: "true" },
    stdin: ask.systemText === null ? ask.prompt : `${ask.systemText}\n\n${ask.prompt}`,
    files: [{ path: join(ask.home, ".gemini", "settings.json"), text: JSON.stringify(settings, null, 2) }],
    credentials: logins.map((name) => ({ from: join(userFolder(host), name), to: join(ask.home, ".gemini", name) })),
  };
}

function listen(): Parser {
  let answer = "";
  let failure: Failure | null = null;
  const tools = new Map<string, string>();

  const eventsOf = (said: Said): readonly AgentEvent[] | undefined => {
    switch (said["type"]) {
      case "init":
        // The model it names is the one asked for.
        return [{ type: "started", session: textIn(said, "session_id"), model: null, family: null }];
      case "message":
        return spoken(said);
      case "tool_use":
        return called(said);
      case "tool_result":
        return returned(said);
      case "error":
        return [];
      case "result":
        return ended(said);
      default:
        return undefined;
    }
  };

  const spoken = (said: Said): readonly AgentEvent[] => {
    if (said["role"] !== "assistant") return [];
    const text = textIn(said, "content") ?? "";
    answer = said["delta"] === true ? answer + text : text;
    return [{ type: "text", text }];
  };

  const called = (said: Said): readonly AgentEvent[] => {
    answer = "";
    const id = textIn(said, "tool_id") ?? "";
    const name = textIn(said, "tool_name") ?? "unnamed";
    tools.set(id, name);
    return [{ type: "tool-call", id, name }];
  };

  const returned = (said: Said): readonly AgentEvent[] => {
    const id = textIn(said, "tool_id") ?? "";
    const refused = textIn(objectIn(said, "error"), "type") === "tool_not_registered";
    const tool = tools.get(id) ?? "unnamed";
    tools.delete(id);
    return [...(refused ? [{ type: "permission-denied" as const, tool }] : []), { type: "tool-result", id }];
  };

  const ended = (said: Said): readonly AgentEvent[] => {
    const stats = objectIn(said, "stats");
    const before = [...servedIn(stats), ...usageEvent(stats)];
    if (said["status"] === "success") return [...before, { type: "finished", text: answer }];
    const reason = textIn(objectIn(said, "error"), "message") ?? "no reason given";
    failure = { reason, kind: kindOf(reason, null), resetAt: resetIn(reason, textIn(said, "timestamp")) };
    return [...before, ...failedAs(failure)];
  };

  /** The exit tells more than the stream did. */
  const end = ({ exitCode }: Exit): readonly AgentEvent[] => {
    const special = exitCode === null ? undefined : exits[exitCode];
    if (failure === null) return special === undefined ? [] : failedAs(special);
    const kind = kindOf(failure.reason, exitCode);
    return kind === failure.kind ? [] : failedAs({ ...failure, kind });
  };

  return { hear: (line) => hearObject(line, eventsOf), end };
}

type Failure = { readonly reason: string; readonly kind: FailureKind; readonly resetAt?: string | null };

const exits: Readonly<Record<number, Failure>> = {
  41: { reason: "is not logged in", kind: "auth" },
  42: { reason: "did not take its input", kind: "deterministic" },
  53: { reason: "came to its limit of turns", kind: "deterministic" },
  55: { reason: "does not trust the folder", kind: "deterministic" },
};

const failedAs = ({ reason, kind, resetAt = null }: Failure): AgentEvent[] => {
  const failed: AgentEvent = { type: "failed", reason: unwrapped(reason), kind };
  return kind === "quota" ? [{ type: "quota", resetAt }, failed] : [failed];
};

/** The provider's own words, out of the JSON in which they come now and then. */
function unwrapped(reason: string): string {
  const json = /^\[API Error: (\{.*\})\]$/s.exec(reason.trim())?.[1];
  if (json === undefined) return reason;
  try {
    const error = objectIn(JSON.parse(json) as Said, "error");
    const message = textIn(error, "message");
    return message === null ? reason : `API error ${[error["code"], error["status"]].join(" ").trim()}: ${message}`;
  } catch {
    return reason; // it was no JSON
  }
}

/** The provider's own number of seconds, counted from when the line was written. */
function resetIn(reason: string, written: string | null): string | null {
  const seconds = Number(/\bSuggested retry after (\d+(?:\.\d+)?)s\b/.exec(reason)?.[1] ?? Number.NaN);
  return isoOf(Math.ceil(Date.parse(written ?? "") / 1000 + seconds));
}

/** From the status in its sentence, else from the exit code, which is the status modulo 256; 1 is any other failure. */
function kindOf(reason: string, exitCode: number | null): FailureKind {
  const written = Number(/"code": ?(\d{3})\b/.exec(reason)?.[1] ?? 0);
  const status = written > 0 ? written : exitCode === null ? 0 : (statuses.find((one) => one % 256 === exitCode) ?? 0);
  if (status === 429 || (status === 0 && /quota/i.test(reason))) return "quota";
  if (status === 401 || status === 403) return "auth";
  if (status >= 500 || status === 408) return "transient";
  if (status >= 400) return "deterministic";
  return /terminated|fetch failed|ECONN|socket|timed? ?out/i.test(reason) ? "transient" : "unknown";
}

const statuses = [400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504];

/** Of several models (a router's beside the one that answers) the one that wrote most. */
function servedIn(stats: Said): AgentEvent[] {
  const models = Object.entries(objectIn(stats, "models")).flatMap(([name, one]) =>
    isObject(one) && countIn(one, "output_tokens") > 0 ? [{ name, output: countIn(one, "output_tokens") }] : [],
  );
  const [first] = models.sort((a, b) => b.output - a.output);
  return first === undefined ? [] : [{ type: "started", session: null, model: first.name, family: null }];
}

function usageEvent(stats: Said): AgentEvent[] {
  if (stats["total_tokens"] === undefined) return [];
  const output = countIn(stats, "output_tokens");
  const usage: TokenUse = {
    input: countIn(stats, "input"),
    cachedInput: countIn(stats, "cached"),
    cacheWrite: 0,
    output,
    reasoning: countIn(stats, "total_tokens") - countIn(stats, "input_tokens") - output,
    costUsd: null,
  };
  return [{ type: "usage", usage }];
}

/** Messages of a chat: one each line, or all in a list. A message is written again with its tool calls. */
function calls(said: Said): readonly LoggedCall[] {
  const messages = [said, ...listIn(said, "messages"), ...listIn(objectIn(said, "$set"), "messages")];
  return messages.flatMap((message) => {
    const id = textIn(message, "id");
    const counts = message["tokens"];
    return id === null || message["type"] !== "gemini" || !isObject(counts) ? [] : [{ id, use: useIn(counts) }];
  });
}

/** The cached is in the input, what was thought beside the output; `tool` is what tools of the provider's own took in. */
function useIn(counts: Said): TokenUse {
  const cachedInput = countIn(counts, "cached");
  return {
    input: countIn(counts, "input") - cachedInput + countIn(counts, "tool"),
    cachedInput,
    cacheWrite: 0,
    output: countIn(counts, "output"),
    reasoning: countIn(counts, "thoughts"),
    costUsd: null,
  };
}
