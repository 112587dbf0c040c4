/** The files of a stage: one form for each path, what is not a path inside the project, and which stages share one. */
import { posix } from "node:path";
import { type Graph, ordered } from "./graph.ts";
import type { Stage } from "./stage-map.schema.ts";

/**
 * Every file that a stage may change: its own list and those of its steps, in one form, sorted. A name may be a folder, which
 * then stands for all in it.
 */
export function stageFiles(stage: Pick<Stage, "files" | "steps">): string[] {
  const named = [...stage.files, ...stage.steps.flatMap((step) => step.files)];
  return [...new Set(named.map(plainPath))].sort();
}

/** `./src//a.ts` and `src/a.ts` are one path. */
const plainPath = (path: string): string => posix.normalize(path.trim()).replace(/\/+$/, "");

/** Why a stage may not name this path; undefined when it may. */
export function pathFault(path: string): string | undefined {
  const text = path.trim();
  if (text === "") return "is empty";
  if (/[\p{Cc}]/u.test(text)) return "holds a control character";
  if (text.includes("\\")) return "has a backslash; write / between folders";
  if (text.startsWith("/") || text.startsWith("~") || /^[a-z]:/i.test(text)) return "is not relative to the project";
  const parts = text.split("/").map((part) => part.toLowerCase());
  if (parts.includes("..")) return "leads out of its folder with ..";
  if (parts.includes(".git")) return "lies in git's own folder";
  if (parts.includes(".okstra")) return "lies in okstra's own folder";
  if (text.includes("*")) return "is a pattern, not a file";
  if (plainPath(text) === ".") return "is the whole project";
  return undefined;
}

/** Two positions that could run at the same time, and the files both name. */
export type Shared = { readonly a: number; readonly b: number; readonly files: readonly string[] };

/**
 * Pairs that share a file and have no path of dependencies between them. Stops once more than `limit` are found, since a map
 * whose stages all name one file has as many pairs as the square of its size.
 */
export function sharedFiles(
  graph: Graph,
  files: readonly (readonly string[])[],
  limit: number,
): { pairs: Shared[]; more: boolean } {
  const isOrdered = ordered(graph);
  const pairs = new Map<number, { a: number; b: number; files: Set<string> }>();
  for (const { file, a, b } of meetings(files)) {
    if (a === b || isOrdered(a, b)) continue;
    const [low, high] = a < b ? [a, b] : [b, a];
    const id = low * files.length + high;
    const known = pairs.get(id);
    if (known !== undefined) known.files.add(file);
    else if (pairs.size < limit) pairs.set(id, { a: low, b: high, files: new Set([file]) });
    else return { pairs: sorted(pairs.values()), more: true };
  }
  return { pairs: sorted(pairs.values()), more: false };
}

const sorted = (pairs: Iterable<{ a: number; b: number; files: ReadonlySet<string> }>): Shared[] =>
  [...pairs].map((pair) => ({ ...pair, files: [...pair.files].sort() })).sort((x, y) => x.a - y.a || x.b - y.b);

/** Each two positions that name the same file, or of which one names a folder that holds a file of the other. */
function* meetings(files: readonly (readonly string[])[]): Generator<{ file: string; a: number; b: number }> {
  const holders = new Map<string, number[]>();
  files.forEach((names, at) => {
    for (const name of names) {
      const known = holders.get(name);
      if (known === undefined) holders.set(name, [at]);
      else known.push(at);
    }
  });
  for (const [file, here] of holders) {
    for (const [index, a] of here.entries()) {
      for (const b of here.slice(index + 1)) yield { file, a, b };
      for (const folder of foldersOf(file)) for (const b of holders.get(folder) ?? []) yield { file, a, b };
    }
  }
}

function foldersOf(path: string): string[] {
  const found: string[] = [];
  for (let cut = path.lastIndexOf("/"); cut > 0; cut = path.lastIndexOf("/", cut - 1)) found.push(path.slice(0, cut));
  return found;
}
