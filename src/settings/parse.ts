/** The two settings files, from text to checked values. Every fault names the file, the place in it and the way out. */
import { checkConfig, checkProject } from "../generated/settings.check.js";
import { type Check, type CheckError, didYouMean, explain, type Fault, fault, taskTypes } from "../model/index.ts";
import { findJsonFault } from "./json-place.ts";
import { knownKeys } from "./keys.ts";
import { readDataPattern } from "./patterns.ts";
import { findSecrets } from "./secrets.ts";
import type { Config, Project } from "./settings.schema.ts";

const knownVersion = 1;

/**
 * `.okstra/project.json` from its text; `where` is its path, for messages. Throws `config-unreadable` (not JSON: with line
 * and column; wrong value: with the key; a secret), `unknown-key` (with the nearest known one), `newer-version`.
 */
export function parseProject(text: string, where: string): Project {
  const project = read(checkProject, text, where);
  checkMeaning(project, where);
  return project;
}

/** `<home>/config.json` from its text; as `parseProject`, and `prTemplatePath` must be absolute or start with `~/`. */
export function parseConfig(text: string, where: string): Config {
  const config = read(checkConfig, text, where);
  checkMeaning(config, where);
  const template = config.prTemplatePath;
  if (template !== undefined && !template.startsWith("/") && !template.startsWith("~/")) {
    throw unreadable(
      where,
      `prTemplatePath: "${template}" must be absolute or start with ~/`,
      `Write the whole path in ${where}`,
    );
  }
  return config;
}

function read<T>(check: Check<T>, text: string, where: string): T {
  const plain = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const broken = findJsonFault(plain);
  if (broken !== undefined) {
    throw unreadable(
      where,
      `line ${broken.line}, column ${broken.column}: ${broken.message}`,
      `Correct line ${broken.line} of ${where}`,
    );
  }
  const input: unknown = JSON.parse(plain);
  refuseNewer(input, where);
  if (check(input)) return input;
  throw refusal(check.errors ?? [], where);
}

function refuseNewer(input: unknown, where: string): void {
  const seen =
    typeof input === "object" && input !== null && "schemaVersion" in input ? input.schemaVersion : undefined;
  if (typeof seen !== "number" || seen <= knownVersion) return;
  throw fault(
    "newer-version",
    `${where} has schemaVersion ${seen}; this okstra knows ${knownVersion}`,
    "Update okstra: npm install -g okstra@latest",
    { where, schemaVersion: seen, known: knownVersion },
  );
}

/** Unknown keys first: a mistyped key is what the user can see at once; the rest is often a consequence of it. */
function refusal(errors: readonly CheckError[], where: string): Fault {
  const unknown = errors.map(unknownKey).filter((found) => found !== undefined);
  const [first] = unknown;
  if (first === undefined) {
    const problems = explain(errors);
    return unreadable(where, problems.join("; "), `Correct it in ${where}`, { problems });
  }
  const sentences = unknown.map(
    ({ place, key, known }) => `unknown key "${[...place, key].join(".")}"${didYouMean(key, known)}`,
  );
  return fault(
    "unknown-key",
    `${where}: ${sentences.join("; ")}`,
    `Rename or remove it in ${where}; known there: ${first.known.join(", ")}`,
    { where, keys: unknown.map(({ place, key }) => [...place, key].join(".")) },
  );
}

type UnknownKey = { readonly place: readonly string[]; readonly key: string; readonly known: readonly string[] };

function unknownKey(error: CheckError): UnknownKey | undefined {
  const place = error.instancePath === "" ? [] : error.instancePath.slice(1).split("/").map(unescapePointer);
  const extra = error.params["additionalProperty"];
  if (error.keyword === "additionalProperties" && typeof extra === "string")
    return { place, key: extra, known: knownKeys(place) };
  const name = error.params["propertyName"];
  if (error.keyword === "propertyNames" && typeof name === "string") return { place, key: name, known: taskTypes };
  return undefined;
}

const unescapePointer = (part: string): string => part.replaceAll("~1", "/").replaceAll("~0", "~");

function checkMeaning(values: Config | Project, where: string): void {
  const [secret] = findSecrets(values);
  if (secret !== undefined) {
    throw unreadable(
      where,
      `${secret}: a secret stands in the file, and secrets are never kept there`,
      'Remove it, export it as a variable, and write "$NAME" as the value of an agent\'s variable',
    );
  }
  for (const pattern of values.dataAccessPatterns ?? []) {
    const read = readDataPattern(pattern);
    if (read.kind === "invalid")
      throw unreadable(where, `dataAccessPatterns: "${pattern}": ${read.why}`, `Correct the pattern in ${where}`);
  }
}

const unreadable = (where: string, problem: string, remedy: string, details: Record<string, unknown> = {}): Fault =>
  fault("config-unreadable", `${where}: ${problem}`, remedy, { where, ...details });
