/**
 * Ignored files that only one tree has. git can tell that they are ignored, not whether anybody wants them: what is made anew by
 * a build or an installer does not count, nor what the main worktree has in the same place, byte for byte.
 */
import { basename, join } from "node:path";
import type { Entry, Host } from "../host/index.ts";
import { isAtOrBelow } from "./places.ts";
import { ignoreAll } from "./provision.ts";

export type IgnoredAsk = {
  readonly mainRoot: string;
  readonly path: string;
  /** Folders that can be made anew, as the settings name them. */
  readonly derived: readonly string[];
};

/** Paths relative to the tree: files, and folders that are repositories of their own. */
export async function onlyHere(host: Host, ask: IgnoredAsk): Promise<string[]> {
  const found: string[] = [];
  for (const name of await ignoredIn(host, ask.path)) found.push(...(await keepers(host, ask, name)));
  return found.sort();
}

/** Real folders that git ignores and that are made anew by a build or an installer. */
export async function derivedFolders(host: Host, ask: IgnoredAsk): Promise<string[]> {
  const found: string[] = [];
  for (const name of await ignoredIn(host, ask.path)) found.push(...(await derivedBelow(host, ask, name)));
  return found.sort();
}

/** As git lists them: whole folders where all in them is ignored. okstra's own folder is not git's business, and may hold work. */
async function ignoredIn(host: Host, path: string): Promise<string[]> {
  const flags = ["--others", "--ignored", "--exclude-standard", "--directory", "-z"];
  const listed = await host.git.plain(path, "ls-files", ...flags);
  const hasOwn = (await host.files.look(join(path, ".okstra"))) !== undefined;
  const own = hasOwn ? await host.git.plain(path, "ls-files", "--others", "-z", "--", ".okstra") : "";
  const names = `${listed}${own}`.split("\0").map((name) => name.replace(/\/$/, ""));
  return [...new Set(names)].filter((name) => name !== "");
}

async function keepers(host: Host, ask: IgnoredAsk, name: string): Promise<string[]> {
  const kind = (await host.files.look(join(ask.path, name)))?.kind;
  if (kind === "folder") {
    if (isDerivedFolder(ask, name)) return [];
    const entries = await host.files.list(join(ask.path, name));
    if (isRepository(entries)) return [name];
    const found: string[] = [];
    for (const entry of entries) found.push(...(await keepers(host, ask, `${name}/${entry.name}`)));
    return found;
  }
  if (kind !== "file" || isDerivedFile(name)) return [];
  return (await isElsewhere(host, ask, name)) ? [] : [name];
}

async function derivedBelow(host: Host, ask: IgnoredAsk, name: string): Promise<string[]> {
  if ((await host.files.look(join(ask.path, name)))?.kind !== "folder") return [];
  if (isDerivedFolder(ask, name)) return [name];
  const entries = await host.files.list(join(ask.path, name));
  if (isRepository(entries)) return [];
  const found: string[] = [];
  for (const entry of entries) found.push(...(await derivedBelow(host, ask, `${name}/${entry.name}`)));
  return found;
}

/** A `.git` of any kind, or a bare repository. */
const isRepository = (entries: readonly Entry[]): boolean =>
  entries.some(({ name }) => name === ".git") ||
  ["HEAD", "objects", "refs"].every((part) => entries.some(({ name }) => name === part));

async function isElsewhere(host: Host, ask: IgnoredAsk, name: string): Promise<boolean> {
  const here = join(ask.path, name);
  const there = join(ask.mainRoot, name);
  const [own, other] = [await host.files.look(here), await host.files.look(there)];
  if (own?.size === other?.size && other?.kind === "file")
    if ((await host.files.hash(here)) === (await host.files.hash(there))) return true;
  if (basename(name) !== ".gitignore" || own?.size !== ignoreAll.length) return false;
  return (await host.files.readText(here)) === ignoreAll;
}

const isDerivedFolder = (ask: IgnoredAsk, name: string): boolean =>
  derivedNames.has(basename(name)) ||
  ask.derived.some((folder) => isAtOrBelow(join(ask.path, folder), join(ask.path, name)));

/** Of installers, compilers, test runners and caches. Names that also stand for data (`bin`, `vendor`, `data`, `tmp`) are not here. */
const derivedNames: ReadonlySet<string> = new Set([
  "node_modules",
  "bower_components",
  "dist",
  "build",
  "out",
  "target",
  "obj",
  "coverage",
  "htmlcov",
  "__pycache__",
  "venv",
  ".venv",
  ".tox",
  ".nox",
  ".eggs",
  ".pytest_cache",
  ".mypy_cache",
  ".ruff_cache",
  ".hypothesis",
  ".cache",
  ".next",
  ".nuxt",
  ".svelte-kit",
  ".turbo",
  ".parcel-cache",
  ".vite",
  ".nyc_output",
  ".gradle",
  ".dart_tool",
  "DerivedData",
  "Pods",
]);

const isDerivedFile = (name: string): boolean =>
  /\.(pyc|pyo|o|obj|class|log|tmp|swp|tsbuildinfo)$|(^|\/)(\.DS_Store|Thumbs\.db|\.eslintcache)$/.test(name);
