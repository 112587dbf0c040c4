/**
 * Parsing at the doors. Validators are compiled at build time from the zod schemas (src/<room>/<noun>.schema.ts) into
 * src/generated; here is what they look like and how their verdict becomes a failure a person can act on.
 */
import { type Fault, fault } from "./failure.ts";
import { nearest } from "./nearest.ts";

export type CheckError = {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
};

/** A compiled validator; `errors` holds what the last call found. */
export type Check<T> = {
  (input: unknown): input is T;
  errors?: readonly CheckError[] | null;
};

/** The input as T, or a fault `malformed` (`newer-version` where schemaVersion is above `version`) naming what and where. */
export function parse<T>(check: Check<T>, input: unknown, what: string, where = what, version = 1): T {
  const seen = versionOf(input);
  if (seen !== undefined && seen > version) {
    throw fault(
      "newer-version",
      `${where} has schemaVersion ${seen}; this okstra knows ${version}`,
      "Update okstra: npm install -g okstra@latest",
      { what, where, schemaVersion: seen, known: version },
    );
  }
  if (check(input)) return input;
  throw malformed(what, where, explain(check.errors ?? []));
}

/** Like `parse`, from text: JSON that does not parse is malformed too. */
export function parseJson<T>(check: Check<T>, text: string, what: string, where = what, version = 1): T {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (cause) {
    throw malformed(what, where, [`not JSON: ${cause instanceof Error ? cause.message : String(cause)}`]);
  }
  return parse(check, input, what, where, version);
}

/** The validator's errors as short sentences, at most eight, nearest key suggested for an unknown one. */
export function explain(errors: readonly CheckError[]): string[] {
  const lines = errors
    .filter((error) => error.keyword !== "if" && error.keyword !== "anyOf" && error.keyword !== "oneOf")
    .map(explainOne);
  const all = lines.length > 0 ? lines : errors.map(explainOne);
  const once = [...new Set(all)];
  return once.length > 8 ? [...once.slice(0, 8), `and ${once.length - 8} more`] : once;
}

function explainOne(error: CheckError): string {
  const at = error.instancePath === "" ? "top level" : named(error.instancePath);
  const extra = error.params["additionalProperty"];
  if (typeof extra === "string") return `${at}: unknown key "${extra}"`;
  const allowed = error.params["allowedValues"];
  if (Array.isArray(allowed)) return `${at}: must be one of ${allowed.map(String).join(", ")}`;
  const constant = error.params["allowedValue"];
  if (constant !== undefined) return `${at}: must be ${JSON.stringify(constant)}`;
  return `${at}: ${error.message ?? error.keyword}`;
}

/** "did you mean" for an unknown key; empty when nothing is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? "" : `; did you mean "${near}"?`;
}

function malformed(what: string, where: string, problems: readonly string[]): Fault {
  return fault(
    "malformed",
    `${where} is not a valid ${what}: ${problems.join("; ")}`,
    `Correct ${where} or restore it from a copy, then run the command again`,
    { what, where, problems },
  );
}

function versionOf(input: unknown): number | undefined {
  if (typeof input !== "object" || input === null || !("schemaVersion" in input)) return undefined;
  return typeof input.schemaVersion === "number" ? input.schemaVersion : undefined;
}

/** A JSON pointer as people write it; a name in it may hold the slash that parts the pointer. */
const named = (pointer: string): string =>
  pointer.slice(1).replaceAll("/", ".").replaceAll("~1", "/").replaceAll("~0", "~");
