/**
 * The environment of an agent: an allow-list, never the whole of ours. What marks a surrounding agent must not reach the child (it
 * would behave as if nested in that one), not even by config; NODE_EXTRA_CA_CERTS is not passed on, since it changes what a
 * process trusts: who needs it says so in config `env`.
 */
import type { AgentConfig, Driver } from "./contract.ts";

/** The variable by which every process of a dispatch is found again. */
export const markName = "OKSTRA_DISPATCH";

const allowed = ["PATH", "LANG", "LC_*", "TERM", "TZ"];
const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"];
/** Never passed on, whoever names them. */
const markers = ["CLAUDECODE", markName];
/** Markers too, but for those that a driver lists one by one (a login, a setting) or sets itself for its child. */
const doubtful = ["CLAUDE_CODE_*"];

export type Surroundings = {
  readonly from: Readonly<Record<string, string | undefined>>;
  /** HOME and TMPDIR of the child. */
  readonly home: string;
  readonly temporaryFolder: string;
  readonly mark: string;
  readonly config: AgentConfig;
  readonly driver: Pick<Driver, "variables">;
};

/** The child's whole environment, keys sorted; `own` is what the driver adds for this launch. */
export function childEnvironment(around: Surroundings, own: Readonly<Record<string, string>>): Record<string, string> {
  const passed = [...allowed, ...proxies, ...proxies.map((name) => name.toLowerCase()), ...around.driver.variables];
  const kept = Object.entries(around.from).flatMap(([name, value]) =>
    value !== undefined && matches(name, passed) ? [[name, value] as const] : [],
  );
  const asked = [...kept, ...Object.entries(around.config.env ?? {})].filter(
    ([name]) => !matches(name, doubtful) || around.driver.variables.includes(name),
  );
  const folders = { HOME: around.home, TMPDIR: around.temporaryFolder };
  const given = [...asked, ...Object.entries(own)].filter(([name]) => !matches(name, markers));
  const merged = { ...folders, ...Object.fromEntries(given) };
  return Object.fromEntries(
    Object.entries({ ...merged, [markName]: around.mark }).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  );
}

export type Reached = {
  /** Of its vendor. */
  readonly hosts: readonly string[];
  /** Addresses that somebody wrote into its settings or its variables. */
  readonly urls: readonly string[];
};

/** What an agent has to reach where the network is narrowed. `config.env` has its values, not names of ours. */
export function reachedBy(
  driver: Pick<Driver, "variables" | "hosts">,
  config: AgentConfig,
  from: Surroundings["from"],
): Reached {
  const given = Object.entries(from).filter(([name]) => matches(name, driver.variables));
  const all = { ...Object.fromEntries(given), ...config.env };
  const values = Object.entries(all).flatMap(([name, value]) =>
    value === undefined || proxies.includes(name.toUpperCase()) ? [] : [value],
  );
  const texts = [...values.filter((value) => /^https?:/i.test(value)), ...(config.args ?? [])];
  return {
    hosts: driver.hosts((name) => all[name]),
    urls: texts.flatMap((text) => text.match(/https?:\/\/[^\s"'<>]+/gi) ?? []),
  };
}

/** Values in an environment that must not show in a log or report, judged by their names; and passwords in proxy addresses. */
export function secretsIn(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    if (/(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|AUTH)(?:_|$)/i.test(name)) return [value];
    const password = /^[a-z+]+:\/\/[^/@\s:]*:([^/@\s]+)@/i.exec(value)?.[1];
    return password === undefined ? [] : [password];
  });
}

const matches = (name: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
