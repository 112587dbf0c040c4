/**
 * Settings from `OKSTRA_*` variables. A variable that is set to nothing counts as not set, except where the specification
 * gives the empty value a meaning (OKSTRA_WORKTREE_SYNC_DIRS: link nothing).
 */
import { didYouMean, fault } from "../model/index.ts";
import type { Layer, LayerValues } from "./layers.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Roles and built-in workers for which `OKSTRA_DEFAULT_<ROLE>_MODEL` may name a model. */
const modelNames = [
  "claude",
  "codex",
  "gemini",
  "analyser",
  "executor",
  "verifier",
  "critic",
  "report-writer",
  "drafter",
  "assistant",
] as const;

const modelVariable = /^OKSTRA_DEFAULT_(?<role>[A-Z0-9_]+)_MODEL$/;

/**
 * What the environment sets, each with the variable it came from. `agents` are the configured agents' ids, which may also
 * be named. Throws `unknown-key` for a model variable that names nobody, `config-unreadable` for a wrong value.
 */
export function readEnvironment(env: Environment, agents: readonly string[]): Layer {
  const values: LayerValues = {};
  const sources: Record<string, string> = {};
  const set = <K extends keyof LayerValues>(key: K, value: NonNullable<LayerValues[K]>, source: string): void => {
    values[key] = value;
    sources[key] = source;
  };
  const folders = env["OKSTRA_WORKTREE_SYNC_DIRS"];
  if (folders !== undefined) set("worktreeSyncDirs", splitList(folders), "OKSTRA_WORKTREE_SYNC_DIRS");
  const executor = given(env, "OKSTRA_DEFAULT_EXECUTOR");
  if (executor !== undefined) set("executor", executor, "OKSTRA_DEFAULT_EXECUTOR");
  const language = oneOf(env, "OKSTRA_LANGUAGE", ["en", "ko"]);
  if (language !== undefined) set("language", language, "OKSTRA_LANGUAGE");
  const sandbox = oneOf(env, "OKSTRA_SANDBOX", ["auto", "require", "off"]);
  if (sandbox !== undefined) set("sandbox", sandbox, "OKSTRA_SANDBOX");
  const network = oneOf(env, "OKSTRA_NETWORK", ["open", "model"]);
  if (network !== undefined) {
    values.network = { mode: network };
    sources["network.mode"] = "OKSTRA_NETWORK";
  }
  const models = modelsOf(env, agents);
  for (const { worker, variable } of models) sources[`models.${worker}`] = variable;
  if (models.length > 0) values.models = Object.fromEntries(models.map(({ worker, model }) => [worker, model]));
  return { origin: "override", source: "environment", values, sources };
}

/** Folders separated by commas or colons; blanks dropped, so that an empty value is an empty list. */
const splitList = (text: string): string[] =>
  text
    .split(/[,:]/)
    .map((part) => part.trim())
    .filter((part) => part !== "");

function modelsOf(env: Environment, agents: readonly string[]) {
  const known = [...new Set([...modelNames, ...agents])];
  return Object.keys(env)
    .sort()
    .flatMap((variable) => {
      const role = modelVariable.exec(variable)?.groups?.["role"];
      const model = given(env, variable);
      if (role === undefined || model === undefined) return [];
      const word = role.toLowerCase().replaceAll("_", "-");
      const worker = known.find((name) => name.toLowerCase().replace(/[^a-z0-9]+/g, "-") === word);
      if (worker === undefined) {
        throw fault(
          "unknown-key",
          `The variable ${variable} names no role or worker${didYouMean(word, known)}`,
          `Unset ${variable}; known: ${known.join(", ")}`,
          { variable, known },
        );
      }
      return [{ worker, model, variable }];
    });
}

const given = (env: Environment, name: string): string | undefined => {
  const value = env[name]?.trim();
  return value === "" ? undefined : value;
};

function oneOf<T extends string>(env: Environment, name: string, allowed: readonly T[]): T | undefined {
  const value = given(env, name);
  if (value === undefined) return undefined;
  const found = allowed.find((word) => word === value);
  if (found !== undefined) return found;
  throw fault(
    "config-unreadable",
    `The variable ${name} is "${value}"`,
    `Set ${name} to ${allowed.join(", ")}, or unset it`,
    { variable: name, allowed },
  );
}
