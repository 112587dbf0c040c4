/**
 * Layers of settings and how they lie over each other: default, global file, project file, environment, flags; later wins.
 * Lists are replaced as a whole; tables (qaCommands, models, roster, agents, timeouts, ...) are laid over entry by entry.
 * Every effective value keeps the origin that gave it.
 */
import { type Environment, readEnvironment } from "./environment.ts";
import { dataAccessDefaults } from "./patterns.ts";
import type { Config, Project } from "./settings.schema.ts";

export type Origin = "override" | "project" | "global" | "default";

/** What one layer may set; a key that is absent leaves the layer below as it is. */
export type LayerValues = Omit<Config, "schemaVersion">;

export type Layer = {
  readonly origin: Origin;
  /** Where it comes from, for people: a file, `environment`, `command line`, `built in`. */
  readonly source: string;
  readonly values: LayerValues;
  /** Closer sources by dotted key: the variable or the flag. */
  readonly sources?: Readonly<Record<string, string>>;
};

export type Clocks = {
  readonly firstEvent: number;
  readonly idle: number;
  readonly soft: number;
  readonly hard: number;
};
export type AgentSettings = NonNullable<Config["agents"]>[string];

/** Every setting as it holds. Times are minutes; `null` means: not set, whoever asks has an own default, or no limit. */
export type Settings = {
  readonly language: "en" | "ko" | null;
  readonly prTemplatePath: string | null;
  readonly worktreeSyncDirs: readonly string[];
  readonly worktreeCopyFiles: readonly string[];
  readonly worktreeCloneDirs: readonly string[];
  readonly worktreeSetup: readonly string[];
  readonly worktreeReady: string | null;
  readonly worktreeQuotaGb: number | null;
  readonly worktreeMax: number | null;
  readonly integration: "merge" | "manual";
  readonly qaCommands: Readonly<Record<string, string>>;
  readonly agents: Readonly<Record<string, AgentSettings>>;
  readonly roster: NonNullable<Config["roster"]>;
  readonly executor: string;
  /** Empty by default: each agent's driver knows its own default model. */
  readonly models: Readonly<Record<string, string>>;
  readonly timeouts: Clocks & {
    readonly command: number;
    readonly setup: number;
    readonly byRole: Readonly<Record<string, Loose<Clocks>>>;
  };
  readonly budgets: {
    readonly runUsd: number | null;
    readonly taskUsd: number | null;
    readonly dayUsd: number | null;
    readonly runTokens: number | null;
    readonly taskTokens: number | null;
    readonly dayTokens: number | null;
  };
  /** USD for a million tokens, by model id. */
  readonly prices: NonNullable<Config["prices"]>;
  readonly convergence: {
    readonly enabled: boolean;
    /** Null: the task type's own. */
    readonly maxRounds: number | null;
    readonly verificationMode: "lightweight" | "full-reanalysis";
    /** Null: the task type's own. */
    readonly adversarial: boolean | null;
    readonly severityFloor: "blocker" | "major" | "minor" | "nit";
    /** Null: none. */
    readonly critic: string | null;
    readonly assistant: boolean;
  };
  readonly reviewRules: NonNullable<Config["reviewRules"]>;
  readonly maxFixRounds: number;
  readonly dataAccessPatterns: readonly string[];
  readonly sandbox: "auto" | "require" | "off";
  readonly network: { readonly mode: "open" | "model"; readonly allow: readonly string[] };
  readonly concurrency: { readonly agents: number; readonly perFamily: number | null };
  readonly quota: { readonly waitHours: number };
  readonly notify: readonly string[];
  readonly ui: { readonly port: number | null };
  readonly cluster: { readonly databaseUrl: string | null };
  readonly mcp: { readonly allowApproval: boolean };
};

/** What holds where nothing is configured. */
export const defaults: Settings = {
  language: null,
  prTemplatePath: null,
  worktreeSyncDirs: [],
  worktreeCopyFiles: [],
  worktreeCloneDirs: [],
  worktreeSetup: [],
  worktreeReady: null,
  worktreeQuotaGb: null,
  worktreeMax: null,
  integration: "merge",
  qaCommands: {},
  agents: {},
  roster: {},
  executor: "claude",
  models: {},
  timeouts: { firstEvent: 2, idle: 8, soft: 20, hard: 60, command: 15, setup: 10, byRole: {} },
  budgets: {
    runUsd: 20,
    taskUsd: 100,
    dayUsd: 200,
    runTokens: 20_000_000,
    taskTokens: 100_000_000,
    dayTokens: 200_000_000,
  },
  prices: {},
  convergence: {
    enabled: true,
    maxRounds: null,
    verificationMode: "lightweight",
    adversarial: null,
    severityFloor: "minor",
    critic: null,
    assistant: true,
  },
  reviewRules: [],
  maxFixRounds: 2,
  dataAccessPatterns: dataAccessDefaults,
  sandbox: "auto",
  network: { mode: "open", allow: [] },
  concurrency: { agents: 4, perFamily: null },
  quota: { waitHours: 0 },
  notify: [],
  ui: { port: null },
  cluster: { databaseUrl: null },
  mcp: { allowApproval: false },
};

export type EffectiveSetting = {
  readonly key: string;
  readonly value: unknown;
  readonly origin: Origin;
  readonly source: string;
};

export type Effective = {
  readonly values: Settings;
  /** Every key, dotted, in order of name, with the value that holds and where it comes from. */
  readonly table: readonly EffectiveSetting[];
};

export type SettingsInput = {
  readonly global: Config | undefined;
  readonly project: Project | undefined;
  readonly env: Environment;
  /** What the command line sets; `flagNames` gives, by dotted key, the flag that said so. */
  readonly flags: LayerValues;
  readonly flagNames?: Readonly<Record<string, string>>;
};

/** Every setting as it holds for one call, with its origin. Throws `unknown-key` or `config-unreadable` for a bad variable. */
export function resolveSettings(input: SettingsInput): Effective {
  const agents = [...Object.keys(input.global?.agents ?? {}), ...Object.keys(input.project?.agents ?? {})];
  const { schemaVersion: _g, ...global } = input.global ?? { schemaVersion: 1 as const };
  const { schemaVersion: _p, projectId: _id, projectRoot: _root, ...project } = input.project ?? unregistered;
  const layers: Layer[] = [
    { origin: "global", source: "config.json", values: global },
    { origin: "project", source: ".okstra/project.json", values: project },
    readEnvironment(input.env, agents),
    {
      origin: "override",
      source: "command line",
      values: input.flags,
      ...(input.flagNames ? { sources: input.flagNames } : {}),
    },
  ];
  const values = layers.reduce((below, layer) => layOver(below, layer.values), defaults);
  return { values, table: tableOf(values, layers) };
}

const unregistered: Project = { schemaVersion: 1, projectId: "none", projectRoot: "/" };

function layOver(below: Settings, { agents, timeouts, ...above }: LayerValues): Settings {
  const { byRole, ...clocks } = timeouts ?? {};
  return {
    ...over<Settings>(below, { ...above, ...sections(below, above) }),
    timeouts: {
      ...over(below.timeouts, clocks),
      byRole: entryByEntry(below.timeouts.byRole, byRole ?? {}, over<Loose<Clocks>>),
    },
    agents: entryByEntry(below.agents, agents ?? {}, agentOver),
  };
}

const sections = (below: Settings, above: LayerValues) => ({
  qaCommands: { ...below.qaCommands, ...above.qaCommands },
  roster: { ...below.roster, ...above.roster },
  models: { ...below.models, ...above.models },
  budgets: over(below.budgets, above.budgets),
  prices: { ...below.prices, ...above.prices },
  convergence: over(below.convergence, above.convergence),
  network: over(below.network, above.network),
  concurrency: over(below.concurrency, above.concurrency),
  quota: over(below.quota, above.quota),
  ui: over(below.ui, above.ui),
  cluster: over(below.cluster, above.cluster),
  mcp: over(below.mcp, above.mcp),
});

type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What is given above lies over what is below; what is undefined above does not. */
const over = <T extends object>(below: T, above: Loose<T> | undefined): T => ({
  ...below,
  ...Object.fromEntries(Object.entries(above ?? {}).filter(([, value]) => value !== undefined)),
});

function agentOver(below: AgentSettings, above: AgentSettings): AgentSettings {
  const env = { ...below.env, ...above.env };
  return { ...over(below, above), ...(Object.keys(env).length > 0 ? { env } : {}) };
}

function entryByEntry<T>(
  below: Readonly<Record<string, T>>,
  above: Readonly<Record<string, T>>,
  over: (a: T, b: T) => T,
): Record<string, T> {
  const mixed: Record<string, T> = { ...below };
  for (const [name, value] of Object.entries(above)) {
    const there = Object.hasOwn(below, name) ? below[name] : undefined;
    mixed[name] = there === undefined ? value : over(there, value);
  }
  return mixed;
}

function tableOf(values: Settings, layers: readonly Layer[]): EffectiveSetting[] {
  const told = new Map<string, { origin: Origin; source: string }>();
  for (const { origin, source, values: set, sources } of layers) {
    for (const { key } of leaves(set, [])) told.set(key, { origin, source: sources?.[key] ?? source });
  }
  return leaves(values, [])
    .map(({ key, value }) => ({ key, value, ...(told.get(key) ?? { origin: "default" as const, source: "built in" }) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** Values that are no table, by dotted key; an empty table has no leaf. */
function leaves(value: unknown, path: readonly string[]): { key: string; value: unknown }[] {
  if (value === undefined) return [];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [{ key: path.join("."), value }];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, name]));
}
