/**
 * Reading a scenario: YAML, then the schema, with every complaint at its line. Loaded only when a scenario is used, since the YAML
 * library is not small. Pure.
 */
import { LineCounter, parseDocument } from "yaml";
import { checkScenario } from "../../generated/scenario.check.js";
import { type CheckError, didYouMean, explain, fault } from "../../model/index.ts";
import { lookThrough, type Path, type Problem } from "./plain-scenario.ts";
import type { Scenario } from "./scenario.schema.ts";

type Located = { readonly line: number | null; readonly column: number | null; readonly says: string };

/** The scenario in a text. Throws `scenario-invalid` with each problem as `path:line:column: what`, also in details.problems. */
export function readScenario(text: string, path: string): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, merge: true });
  const unread = document.errors.map(({ pos, message }) => ({ ...place(lines, pos[0]), says: message }));
  if (unread.length > 0) throw invalid(path, unread);
  const input = plain(() => document.toJS({ maxAliasCount: 200 }) as unknown, path);
  const locate = ({ path: at, says }: Problem): Located => ({
    ...place(lines, startOf(document, at)),
    says: `${named(at)}: ${says}`,
  });
  if (!checkScenario(input)) throw invalid(path, problemsOf(input, checkScenario.errors ?? []).map(locate));
  const sense = lookThrough(input).map(locate);
  if (sense.length > 0) throw invalid(path, sense);
  return input;
}

/** Aliases that multiply are refused by the library with an error of its own. */
function plain(read: () => unknown, path: string): unknown {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw invalid(path, [{ line: null, column: null, says: cause.message }]);
  }
}

function invalid(path: string, problems: readonly Located[]) {
  const shown = problems
    .slice(0, 8)
    .map(({ line, column, says }) => `${path}${line === null ? "" : `:${line}:${column}`}: ${says}`);
  const more = problems.length > shown.length ? [`and ${problems.length - shown.length} more`] : [];
  return fault(
    "scenario-invalid",
    `The scenario ${path} is not valid:\n  ${[...shown, ...more].join("\n  ")}`,
    "docs/guides/scenario.md describes every key",
    { path, problems },
  );
}

type Document = ReturnType<typeof parseDocument>;

/** Where a value begins; of one that is not there, where the nearest one around it does. */
function startOf(document: Document, path: Path): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range)) {
      const [start] = node.range as unknown[];
      if (typeof start === "number") return start;
    }
  }
  return undefined;
}

function place(lines: LineCounter, offset: number | undefined): { line: number | null; column: number | null } {
  if (offset === undefined) return { line: null, column: null };
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

const named = (path: Path): string =>
  path.length === 0
    ? "top level"
    : path
        .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
        .join("")
        .replace(/^\./, "");

/** Keys by what they stand in, to say which was meant. */
const knownKeys = {
  scenario: ["schemaVersion", "families", "models", "entries"],
  entry: ["when", "do", "result", "usage", "modelServed", "exit"],
  when: ["role", "worker", "taskType", "stage", "purpose", "round", "attempt", "reask", "checked"],
  usage: ["input", "cachedInput", "cacheWrite", "output", "reasoning", "costUsd"],
  replace: ["path", "old", "new"],
  copy: ["from", "to"],
} as const;

/** The acts by the key that names them, with the keys that may stand beside it. */
const acts: Readonly<Record<string, readonly string[]>> = {
  say: [],
  write: [],
  replace: [],
  copy: [],
  run: ["ignoreExit"],
  commit: ["paths"],
  tool: ["ms"],
  delayMs: [],
  used: [],
  puppet: [],
  misbehave: ["detail"],
};

/**
 * The validator's errors as one sentence per fault. A value that may be one of several shapes has failed all of them; only what it
 * says against the shape that was meant is kept.
 */
function problemsOf(input: unknown, errors: readonly CheckError[]): Problem[] {
  const found = new Map<string, Problem>();
  const add = (problem: Problem): void => {
    const key = `${problem.path.join("/")} ${problem.says}`;
    found.set(key, problem);
  };
  for (const error of errors) {
    const path = pathOf(input, error.instancePath);
    const act = actAt(input, path);
    if (act !== undefined) for (const problem of actProblems(act, path, error)) add(problem);
    else if (!isOtherShape(input, path, error)) add(problemOf(path, error));
  }
  if (found.size === 0) for (const error of errors) add(problemOf(pathOf(input, error.instancePath), error));
  return [...found.values()];
}

type Act = { readonly path: Path; readonly value: unknown };

const actAt = (input: unknown, path: Path): Act | undefined => {
  const [entries, , doing, index] = path;
  if (entries !== "entries" || doing !== "do" || typeof index !== "number") return undefined;
  const at = path.slice(0, 4);
  return { path: at, value: valueAt(input, at) };
};

function actProblems(act: Act, path: Path, error: CheckError): Problem[] {
  const keys = keysOf(act.value);
  const names = Object.keys(acts);
  const name = keys.find((key) => names.includes(key));
  if (name === undefined) {
    const [first] = keys;
    const says = first === undefined ? "is no act" : `unknown act "${first}"${didYouMean(first, names)}`;
    return [{ path: act.path, says: `${says}; the acts are ${names.join(", ")}` }];
  }
  const strange = keys.filter((key) => key !== name && !acts[name]?.includes(key));
  const unknown = strange.map((key) => ({
    path: [...act.path, key],
    says: `${name} takes no key "${key}"${didYouMean(key, acts[name] ?? [])}`,
  }));
  const meant = path.length > act.path.length && (path[4] === name || acts[name]?.includes(String(path[4])));
  return meant ? [...unknown, problemOf(path, error)] : unknown;
}

/** One value where a list may stand too: the complaint that it is no list, or that the list is no single value. */
function isOtherShape(input: unknown, path: Path, error: CheckError): boolean {
  const wanted = error.params["type"];
  if (error.keyword === "anyOf" || (error.keyword === "type" && wanted === "null")) return true;
  if (error.keyword !== "type") return false;
  const isList = Array.isArray(valueAt(input, path));
  if (path[2] === "when") return isList ? wanted !== "array" : wanted === "array";
  return false;
}

function problemOf(path: Path, error: CheckError): Problem {
  const extra = error.params["additionalProperty"];
  if (typeof extra === "string") {
    return { path: [...path, extra], says: `unknown key${didYouMean(extra, keysAt(path))}` };
  }
  const [says] = explain([{ ...error, instancePath: "" }]);
  return { path, says: (says ?? error.keyword).replace("top level: ", "") };
}

function keysAt(path: Path): readonly string[] {
  const last = path.at(-1);
  if (path.length === 0) return knownKeys.scenario;
  if (path.length === 2) return knownKeys.entry;
  if (last === "used") return knownKeys.usage;
  if (last === "when" || last === "usage" || last === "replace" || last === "copy") return knownKeys[last];
  return [];
}

/** `/entries/0/do` as a path whose numbers are numbers where a list stands. */
function pathOf(input: unknown, pointer: string): Path {
  const parts: (string | number)[] = [];
  for (const raw of pointer.split("/").slice(1)) {
    const part = raw.replaceAll("~1", "/").replaceAll("~0", "~");
    parts.push(Array.isArray(valueAt(input, parts)) ? Number(part) : part);
  }
  return parts;
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[part];
  }
  return value;
}

const keysOf = (value: unknown): string[] =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
