/**
 * Whether a change touches data access, so that mocks are no evidence for it and a run against a real store is due. Erring
 * on the safe side: a query in a string counts, and so does any change to a file that imports a data access library. Pure.
 */
import { matchesGlob, readDataPattern } from "../settings/index.ts";
import { addedLines, removedLines } from "./line-changes.ts";
import type { ChangedText } from "./tests-weakened.ts";

export type DataTouch = { readonly path: string; readonly pattern: string };

const importing =
  /^\s*(?:import\b|export\b.*\bfrom\b|from\s+\S+\s+import\b|.*\brequire\s*\(|use\s|using\s|#include\b|"[^"]+"$)/;
/** Prose and lock files mention libraries and say "select ... from" without touching any data. */
const prose = [
  "*.md",
  "*.mdx",
  "*.txt",
  "*.rst",
  "*.adoc",
  "*.lock",
  "package-lock.json",
  "pnpm-lock.yaml",
  "npm-shrinkwrap.json",
  "go.sum",
];

/** The first pattern of the settings that each changed file fits; files that fit none are left out. */
export function dataTouched(changes: readonly ChangedText[], patterns: readonly string[]): DataTouch[] {
  const read = patterns.map((source) => ({ source, pattern: readDataPattern(source) }));
  return changes.flatMap((change) => {
    const lines = looked(change);
    const hit = read.find(({ pattern }) => {
      if (pattern.kind === "path") return matchesGlob(change.path, pattern.glob);
      return pattern.kind === "text" && lines.some((line) => pattern.expression.test(line));
    });
    return hit === undefined ? [] : [{ path: change.path, pattern: hit.source }];
  });
}

/** Changed lines and import lines of a file, and the changed lines once more as one, since a query may span several. */
function looked(change: ChangedText): string[] {
  if (prose.some((glob) => matchesGlob(change.path, glob))) return [];
  const changed = [addedLines(change.before, change.after), removedLines(change)].map((lines) =>
    lines.map(({ text }) => text),
  );
  const imports = (change.after ?? change.before ?? "").split(/\r?\n/).filter((line) => importing.test(line));
  return [...changed.flat(), ...imports, ...changed.map((lines) => lines.join(" ").slice(0, longest))];
}

const longest = 200_000;
