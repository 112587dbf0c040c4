/**
 * Every key of the two settings files with what it means: the words an unknown key is compared with, and what
 * `config list` and the reference print. The types tie the table to the schema, so a key cannot be missing here.
 */
import type { Project } from "./settings.schema.ts";

type Section<T> = Record<keyof NonNullable<T> & string, string>;

const top: Section<Project> = {
  schemaVersion: "the version of the file's form",
  projectId: "the project's id, first part of every task key",
  projectRoot: "the project's folder",
  language: "language of reports: en or ko; unset: that of the brief",
  prTemplatePath: "file that pull request texts start from",
  worktreeSyncDirs: "folders of the project that are linked into each worktree",
  worktreeCopyFiles: "patterns of ignored files that are copied into each worktree",
  worktreeCloneDirs: "ignored folders that are cloned copy-on-write where the file system can",
  worktreeSetup: "commands that make a new worktree ready",
  worktreeReady: "a command that ends with 0 when a new worktree is ready; asked once, after worktreeSetup",
  worktreeQuotaGb: "most disk space that worktrees may take, in GB",
  worktreeMax: "most worktrees at one time",
  integration:
    "what becomes of a done stage: merge it into the task branch, or manual: okstra integrate does, when a person says so",
  qaCommands: "the project's own checks by name: lint, typecheck, test, build, db-test, conformance, ...",
  agents: "agents by id",
  roster: "analysers by task type",
  executor: "the worker that changes files",
  models:
    "models by worker or role (of both the role's; `drafter` writes hand-offs); a leading = passes an id through unchecked",
  timeouts: "clocks, in minutes",
  budgets: "limits in USD and tokens; null takes a limit away",
  prices: "prices by model id, in USD for a million tokens, for agents that do not say what they cost",
  convergence: "how findings are verified",
  reviewRules: "review rules of the project for verifiers of a stage: id, severity (blocker and major block), rule",
  maxFixRounds: "how often a stage goes back to its executor",
  dataAccessPatterns: "what counts as data access: path:GLOB, text:REGEX, or a word",
  sandbox: "confinement of agents: auto, require or off",
  network: "what confined agents and commands reach",
  concurrency: "how many agents work at once",
  quota: "what is done about a used-up quota",
  notify: "command that is told, as JSON on stdin, when a gate needs a person",
  ui: "the dashboard",
  cluster: "more machines",
  mcp: "the MCP server",
};

const clocks: Section<NonNullable<NonNullable<Project["timeouts"]>["byRole"]>[string]> = {
  firstEvent: "minutes until an agent's first event",
  idle: "minutes without progress",
  soft: "minutes until a notice",
  hard: "minutes until the end",
};

const timeouts: Section<Project["timeouts"]> = {
  ...clocks,
  byRole: "other clocks for one role",
  command: "minutes for one command that the engine runs",
  setup: "minutes for one command of worktreeSetup",
};

const agent: Section<NonNullable<Project["agents"]>[string]> = {
  command: "the program",
  args: "arguments before okstra's own",
  env: "variables; $NAME passes okstra's own on",
  model: "the model, where `models` names none",
  permissions: "the agent's own permission profile; of an ACP agent its mode",
  scenario: "a scenario file: the agent is scripted",
  family: "the vendor behind it, where okstra cannot tell; votes count by vendor",
  takeover: "the agent of the same family that answers in its place while its quota is used up",
};

const budgets: Section<Project["budgets"]> = {
  runUsd: "most USD for a run",
  taskUsd: "most USD for a task",
  dayUsd: "most USD for a day (UTC)",
  runTokens: "most tokens for a run",
  taskTokens: "most tokens for a task",
  dayTokens: "most tokens for a day (UTC)",
};

const price: Section<NonNullable<Project["prices"]>[string]> = {
  input: "of input that is in no cache",
  output: "of output",
  cachedInput: "of input read from a cache; without it such input has no price",
  cacheWrite: "of input written to a cache; without it such input has no price",
  reasoning: "of reasoning; without it as output",
};

const convergence: Section<Project["convergence"]> = {
  enabled: "whether findings are sent round",
  maxRounds: "most rounds, 1 to 3; unset: that of the task type",
  verificationMode: "lightweight or full-reanalysis",
  adversarial: "whether verifiers try to refute; unset: that of the task type",
  severityFloor: "items below are not sent round",
  critic: "worker that looks for what nobody reported; unset: none",
  assistant:
    "whether an assistant tells which findings are one where code cannot; its model: models.assistant, else the report writer's",
};

const network: Section<Project["network"]> = {
  mode: "open: everything; model: an agent its model, and what is allowed",
  allow: "places that may be reached all the same: example.org, *.example.org, example.org:8443, 127.0.0.1:5432",
};

const concurrency: Section<Project["concurrency"]> = {
  agents: "most agents at once over all runs of this machine",
  perFamily: "most agents of one vendor at once",
};

const quota: Section<Project["quota"]> = {
  waitHours: "how long a command waits for a quota before it leaves the run paused; 0: not at all",
};

const ui: Section<Project["ui"]> = { port: "port of the dashboard" };
const cluster: Section<Project["cluster"]> = { databaseUrl: "PostgreSQL, without a password" };
const mcp: Section<Project["mcp"]> = { allowApproval: "whether approve_plan is offered" };

/** Keys by place; `*` stands for a name that the user chooses. */
export const keysByPlace: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "": top,
  timeouts,
  "timeouts.byRole.*": clocks,
  "agents.*": agent,
  budgets,
  "prices.*": price,
  convergence,
  network,
  concurrency,
  quota,
  ui,
  cluster,
  mcp,
};

/** The keys known at a place of the document, given its path there; empty where any name is allowed. */
export function knownKeys(path: readonly string[]): readonly string[] {
  const [section, ...inner] = path;
  if (section === undefined) return Object.keys(top);
  const named =
    (section === "agents" || section === "prices") && inner.length === 1
      ? `${section}.*`
      : inner.length === 2
        ? `${section}.${inner[0]}.*`
        : undefined;
  return Object.keys(keysByPlace[named ?? path.join(".")] ?? {});
}
