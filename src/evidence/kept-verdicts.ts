/**
 * What the engine found of evidence, kept in the home over runs and processes. Kept is only what follows from a commit and from what was
 * cited: whether a quote stands in a file of it, what a search of it finds. Never the outcome of a command (it depends on the machine),
 * of a document of the task, or of what is not there (a clone may lack it). A cache: what is cut, edited or of another version is looked
 * at again, and it may be deleted at any time. A row is one append, so that two processes may write at once. Bounded: so many commits,
 * the latest written to, and so many bytes for each.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { checkKeptVerdict } from "../generated/evidence.check.js";
import type { Host } from "../host/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import type { KeptVerdict } from "./evidence.schema.ts";

export type Found = Pick<KeptVerdict, "state" | "note" | "lines">;

export type KeptVerdicts = {
  /** What was found when this was asked before, or what `look` finds now. `pinned`: it follows from commit and citation alone. */
  once(asked: unknown, look: () => Promise<Found & { readonly pinned: boolean }>): Promise<Found>;
};

/** Bytes of one commit's rows, and commits. */
export const mostBytes = 256 * 1024;
export const mostCommits = 100;

/** `version`: of okstra; another one may look otherwise. */
export function keptVerdicts(
  host: Host,
  { home, commit, version }: { readonly home: string; readonly commit: string; readonly version: string },
): KeptVerdicts {
  const path = homePaths(home).evidenceAt(commit);
  let read: Promise<Rows> | undefined;
  return {
    async once(asked, look) {
      read ??= readRows(host, path);
      const rows = await read;
      const key = hashOf([version, commit, asked]);
      const known = rows.found.get(key);
      if (known !== undefined) return known;
      const { pinned, ...found } = await look();
      if (pinned) await keep(host, path, { rows, key, found });
      return found;
    },
  };
}

type Rows = { readonly found: Map<string, Found>; bytes: number; isNew: boolean; isTorn: boolean };

async function readRows(host: Host, path: string): Promise<Rows> {
  const size = (await host.files.look(path))?.size;
  const text = size === undefined || size > 2 * mostBytes ? "" : ((await host.files.readText(path)) ?? "");
  return {
    found: new Map(text.split("\n").flatMap((line) => rowOf(line) ?? [])),
    bytes: size ?? 0,
    isNew: size === undefined,
    isTorn: text !== "" && !text.endsWith("\n"),
  };
}

function rowOf(line: string): [[string, Found]] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!checkKeptVerdict(value)) return undefined;
  const { asked, state, note, lines } = value;
  return value.sha256 === hashOf([asked, state, note, lines]) ? [[asked, { state, note, lines }]] : undefined;
}

async function keep(
  host: Host,
  path: string,
  { rows, key, found }: { readonly rows: Rows; readonly key: string; readonly found: Found },
): Promise<void> {
  const { state, note, lines } = found;
  rows.found.set(key, found);
  const row = { schemaVersion: 1, asked: key, state, note, lines, sha256: hashOf([key, state, note, lines]) };
  const line = JSON.stringify(row);
  if (rows.bytes + line.length > mostBytes) return;
  if (rows.isNew) await makeRoom(host, path);
  // The next row must not go on where a kill cut one short.
  if (rows.isTorn) await host.files.appendLine(path, "");
  rows.isNew = false;
  rows.isTorn = false;
  rows.bytes += line.length + 1;
  await host.files.appendLine(path, line);
}

/** Before a commit gets its first row, those that were not written to for the longest time make room. */
async function makeRoom(host: Host, path: string): Promise<void> {
  const folder = join(path, "..");
  const names = (await host.files.list(folder)).filter(({ kind }) => kind === "file").map(({ name }) => name);
  if (names.length < mostCommits) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, at: (await host.files.look(join(folder, name)))?.mtimeMs ?? 0 })),
  );
  aged.sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1));
  for (const { name } of aged.slice(0, names.length - mostCommits + 1)) await host.files.removeFile(join(folder, name));
}

const hashOf = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex");
