/**
 * What a driver is: how one agent program is found, started, heard and asked again. A driver is a table of pure functions
 * (only `detect`, `locate`, `hindrance` and `family` look at the world, through the host); clocks, retries, process trees and results are dispatch.ts,
 * the same for every agent. Nothing outside a driver's own file names its program, flags or stream.
 */
import type { Host, Line } from "../host/index.ts";
import type { TaskType, TokenUse } from "../model/index.ts";

export const roles = ["analyser", "executor", "verifier", "critic", "report-writer", "assistant"] as const;
export type Role = (typeof roles)[number];

/** What is asked: a blind pass, a convergence round, the plan-body check, the work, a fix of it, its review, prose. */
export const purposes = [
  "blind",
  "group",
  "round",
  "plan-check",
  "execute",
  "fix",
  "merge",
  "verify",
  "write",
] as const;
export type Purpose = (typeof purposes)[number];

export type Access = "read-only" | "workspace-write";

/** Who is asked for what. `reask` 0 is the first question; 1 and 2 ask again because the result did not fit. */
export type Address = {
  readonly worker: string;
  readonly role: Role;
  readonly purpose: Purpose;
  readonly taskType: TaskType;
  readonly stage: number | null;
  readonly round: number | null;
  readonly attempt: number;
  readonly reask: number;
  /** How often what the engine looked up for it was handed over in this conversation; absent: not yet. */
  readonly checked?: number;
};

/** `agents.<name>` of the configuration. `scenario` is an absolute path. */
export type AgentConfig = {
  readonly command?: string | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly model?: string | undefined;
  readonly permissions?: string | undefined;
  readonly scenario?: string | undefined;
  /** The vendor behind it, where nothing else tells. */
  readonly family?: string | undefined;
};

/** One question to an agent. Paths are absolute. */
export type DriverAsk = {
  readonly address: Address;
  readonly prompt: string;
  /** For a further message: what the conversation began with; null for the first one. */
  readonly first: string | null;
  readonly cwd: string;
  readonly extraWritable: readonly string[];
  /** Outside of `cwd`, what a commit there writes to; empty where nothing may be written. */
  readonly gitFolders: readonly string[];
  readonly access: Access;
  /** A resolved model id (models.ts), or null for the agent's own default. */
  readonly model: string | null;
  /** The session id to start with, where the agent lets one be chosen: 32 hex digits, the same for the same mark. */
  readonly session: string;
  readonly systemText: string | null;
  /** JSON Schema of the result, for agents that enforce one. */
  readonly schema: unknown;
  readonly limits: { readonly turns: number | null; readonly usd: number | null };
  /** Folder of this dispatch alone, for files the launch needs. */
  readonly scratch: string;
  /** HOME of this dispatch alone. */
  readonly home: string;
  /** What the earlier processes of this conversation used, for agents that count over the whole session; null if not known. */
  readonly used: TokenUse | null;
  /** What `locate` found. */
  readonly program: string;
  /** Whether okstra confines it, so that a sandbox of its own is not needed and may not work. */
  readonly confined: boolean;
  readonly config: AgentConfig;
};

/**
 * A process to start. Before it `files` are written, with mode 0600, and `credentials` linked to where the agent looks for them in
 * its own home; those that are not there are left out.
 */
export type Launch = {
  readonly command: readonly [string, ...string[]];
  /** Only what the agent itself needs beyond the allow-list of env.ts. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly credentials: readonly { readonly from: string; readonly to: string }[];
  /** What it reads outside the folders that it is given, beside its program. */
  readonly reads?: readonly string[];
  /** Programs and scripts that the command starts by itself, as absolute paths: they have to be there where okstra confines it. */
  readonly starts?: readonly string[];
};

export const failureKinds = ["transient", "auth", "quota", "budget", "deterministic", "unknown"] as const;
/** `budget`: the agent kept its limit in money. `transient` may be tried again with back-off, `deterministic` never, `unknown` once. */
export type FailureKind = (typeof failureKinds)[number];

/** What an agent did, in one vocabulary. */
export type AgentEvent =
  /** `model` is the one actually served, `family` its vendor; null where the agent does not say. May come again when it learns more. */
  | {
      readonly type: "started";
      readonly session: string | null;
      readonly model: string | null;
      readonly family: string | null;
    }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool-call"; readonly id: string; readonly name: string }
  | { readonly type: "tool-result"; readonly id: string }
  /**
   * The use of this process so far: a later one replaces an earlier one, and what the session used before is not in it. The five
   * counts do not overlap: what the agent counts inside another is taken off there.
   */
  | { readonly type: "usage"; readonly usage: TokenUse }
  | { readonly type: "retry"; readonly reason: string }
  /** The provider's own signal that the quota is used up; `resetAt` (ISO 8601) only if the provider gave it. */
  | { readonly type: "quota"; readonly resetAt: string | null }
  | { readonly type: "permission-denied"; readonly tool: string }
  /** The agent's own success event, with its last message. */
  | { readonly type: "finished"; readonly text: string }
  | { readonly type: "failed"; readonly reason: string; readonly kind: FailureKind }
  /** A line that is not of the agent's stream, or was longer than is kept. Never progress. */
  | { readonly type: "unreadable"; readonly why: "too-long" | "not-json" | "unknown-shape" };

export type Exit = { readonly exitCode: number | null; readonly signal: string | null };

/** Hears one process; has state, so there is one for each. Never throws on what an agent says. */
export type Parser = {
  hear(line: Line): readonly AgentEvent[];
  /** What the exit itself says, for agents that fail without an event (exit codes). */
  end(exit: Exit): readonly AgentEvent[];
};

export type Detection = {
  readonly present: boolean;
  readonly path: string | null;
  readonly version: string | null;
  /** Null where it cannot be told without a call to the provider. */
  readonly loggedIn: boolean | null;
  readonly note: string;
  /** What to do about what the note says. */
  readonly remedy?: string;
};

/** One call for a model, as a session log tells of it. Counts as in the event `usage`. */
export type LoggedCall = { readonly id: string; readonly use: TokenUse };

/** Where an agent writes of its sessions by itself, and how what it used reads there. */
export type SessionLog = {
  /** Its folder in a home; the user's own may lie where a variable says. */
  readonly folder: string;
  readonly variable: string | null;
  /** Where the logs lie below that, and how many folders deep. */
  readonly below: string;
  readonly depth: number;
  /** Files whose name has the beginning of the session's id only. */
  readonly shortNames?: RegExp;
  /** Stands in every line that tells of a call; others are not looked at. */
  readonly mark: string;
  /** The calls that an object of the log tells of. The same id again is the same call, known better. */
  readonly calls: (said: Readonly<Record<string, unknown>>) => readonly LoggedCall[];
};

/** What an agent can do, as far as it differs: the generated capability table (docs/reference/agents.md), and what callers ask for. */
export type Abilities = {
  /** Whether okstra chooses the id of the conversation, or the agent tells it. */
  readonly session: "chosen" | "told";
  /** How it is asked again where that is not in its conversation by a new process. */
  readonly again?: string;
  /** Whether it passes on when a used-up quota is there again. */
  readonly quota: string;
  /** Whether it can be held to a schema by itself; else the result is asked for in the prompt. */
  readonly structured: "by schema" | "by schema where the provider takes it" | "in the prompt";
  /** When it says what it used. */
  readonly usage: "while it works" | "at the end of a turn" | "not reliably";
  /** Whether it says what that cost. Without it a model needs a price, or a budget in tokens. */
  readonly cost: "given" | "none";
  /** Limits that it keeps by itself. */
  readonly limits: readonly ("turns" | "usd")[];
  /** How the roles that only read are kept from writing, by its own means. */
  readonly readOnly: string;
  /** What confines the roles that write, by its own means. */
  readonly writing: string;
};

export type Driver = {
  readonly name: string;
  readonly abilities: Abilities;
  /** Whether a conversation can go on in a new process. Without it a result that does not fit is final. */
  readonly canResume: boolean;
  readonly access: readonly Access[];
  /** Variables of the surrounding environment that the agent may see: names, or a beginning with `*`. */
  readonly variables: readonly string[];
  /**
   * The hosts that it must reach where the network is narrowed: its vendor's. Those of addresses in its settings, and in the variables
   * above, are added to them. `seen` reads its environment.
   */
  readonly hosts: (seen: (name: string) => string | undefined) => readonly string[];
  /** The model asked for when none is configured: an alias or id of models.ts. */
  readonly defaultModel: string;
  /** The command line that installs it, where there is one for all systems. */
  readonly install?: string;
  /**
   * How it is made to ask the model server at an address instead of its vendor's: settings, and keys of no account for okstra's
   * environment, since keys stand in no settings. `okstra demo --agents real` and the tests use it.
   */
  pointedAt?(url: string): { readonly config: AgentConfig; readonly keys: Readonly<Record<string, string>> };
  detect(host: Host, config: AgentConfig): Promise<Detection>;
  /** The same by starting it, where only that tells what it is; takes seconds, so only `doctor` asks. Never a call that costs. */
  probe?(host: Host, config: AgentConfig): Promise<Detection>;
  /** The program to start, or undefined when it is not there. Asked before each process, so it must cost next to nothing. */
  locate(host: Host, config: AgentConfig): Promise<string | undefined>;
  /** Why it must not be started for this question, as a sentence without its name; undefined where it may. */
  hindrance?(host: Host, ask: DriverAsk): Promise<string | undefined>;
  /** Empty folders that its own sandbox leaves in the folder it worked in. */
  readonly leaves?: readonly string[];
  /** The vendor expected behind a worker, before it is asked. What was served counts more (`DispatchOutcome.family`). */
  family(host: Host, config: AgentConfig, worker: string): Promise<string>;
  command(host: Host, ask: DriverAsk): Launch;
  /** Asks again in the conversation `session`; `ask.prompt` is the new message. */
  resume(host: Host, ask: DriverAsk, session: string): Launch;
  listen(ask: DriverAsk): Parser;
  /** Left out where it writes no log of its own, or nobody knows where. */
  readonly log?: SessionLog;
};
