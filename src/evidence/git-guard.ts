/**
 * The bytes that decide what git runs in a worktree: the `.git` pointer, the common `config`, `config.worktree`, `info/` and
 * `hooks/`. An agent that writes there (a planted `core.fsmonitor`, a hook) would run its program in our own `git status`, so
 * they are compared before the next git call, without calling git, and put back from memory.
 */
import { dirname, join, resolve } from "node:path";
import { type Host, namedGitFolder } from "../host/index.ts";

export type Saved =
  | { readonly kind: "file"; readonly mode: number; readonly bytes: Uint8Array }
  | { readonly kind: "link"; readonly target: string; readonly bytes: Uint8Array | undefined }
  | { readonly kind: "folder" }
  | { readonly kind: "other" };

/** What was guarded and how it was, by path; a guarded path that is absent from `saved` did not exist. */
export type GitGuard = {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  readonly saved: ReadonlyMap<string, Saved>;
};

export type GuardChange = { readonly path: string; readonly did: "added" | "changed" | "removed" };

/** Reads all that is guarded; at a moment when the tree is trusted. `commonDir` is the repository's common git folder. */
export async function takeGuard(
  host: Host,
  at: { readonly tree: string; readonly commonDir: string },
): Promise<GitGuard> {
  const pointer = join(at.tree, ".git");
  const own = await gitFolderOf(host, pointer);
  const separate = own !== undefined && own !== at.commonDir;
  const files = [
    ...(separate ? [pointer, join(own, "commondir"), join(own, "gitdir"), join(own, "config.worktree")] : []),
    join(at.commonDir, "config"),
    join(at.commonDir, "config.worktree"),
  ];
  const folders = [join(at.commonDir, "info"), join(at.commonDir, "hooks"), ...(separate ? [join(own, "info")] : [])];
  return { files, folders, saved: await readGuarded(host, files, folders) };
}

/** What differs from the guard, by path; calls no git. */
export async function compareGuard(host: Host, guard: GitGuard): Promise<GuardChange[]> {
  const now = await readGuarded(host, guard.files, guard.folders);
  return [...new Set([...guard.saved.keys(), ...now.keys()])].sort().flatMap((path): GuardChange[] => {
    const before = guard.saved.get(path);
    const after = now.get(path);
    if (before === undefined) return [{ path, did: "added" }];
    if (after === undefined) return [{ path, did: "removed" }];
    return same(before, after) ? [] : [{ path, did: "changed" }];
  });
}

/** Puts every changed path back as it was saved, then looks again: what is returned could not be put back. */
export async function restoreGuard(
  host: Host,
  guard: GitGuard,
  changes: readonly GuardChange[],
): Promise<GuardChange[]> {
  const deepestFirst = [...changes].sort((a, b) => (a.path < b.path ? 1 : -1));
  for (const { path, did } of deepestFirst) {
    const before = guard.saved.get(path);
    // Only what is in the way goes: a link is removed as a link, and content behind an unchanged link is written in place.
    if (did === "added" || (did === "changed" && before?.kind !== "file" && before?.kind !== "link"))
      await host.files.removeTree(path);
  }
  for (const { path, did } of [...deepestFirst].reverse())
    if (did !== "added") await putBack(host, path, guard.saved.get(path));
  return await compareGuard(host, guard);
}

async function putBack(host: Host, path: string, saved: Saved | undefined): Promise<void> {
  if (saved === undefined || saved.kind === "other") return;
  if (saved.kind === "folder") return await host.files.makeFolder(path);
  if ((await host.files.look(path))?.kind === "folder") await host.files.removeTree(path);
  if (saved.kind === "file") return await host.files.replaceFile(path, saved.bytes, { mode: saved.mode });
  if ((await host.files.readLink(path)) !== saved.target) {
    await host.files.removeFile(path);
    await host.files.link(saved.target, path);
  }
  const behind = await host.files.realPath(path);
  const mode = behind === undefined ? undefined : (await host.files.look(behind))?.mode;
  if (saved.bytes !== undefined)
    await host.files.replaceFile(
      behind ?? resolve(path, "..", saved.target),
      saved.bytes,
      mode === undefined ? {} : { mode },
    );
}

async function readGuarded(
  host: Host,
  files: readonly string[],
  folders: readonly string[],
): Promise<Map<string, Saved>> {
  const saved = new Map<string, Saved>();
  for (const path of files) await readOne(host, path, saved);
  for (const path of folders) await readFolder(host, path, saved);
  return saved;
}

async function readOne(host: Host, path: string, into: Map<string, Saved>): Promise<Saved["kind"] | undefined> {
  const seen = await host.files.look(path);
  if (seen === undefined) return undefined;
  if (seen.kind === "file")
    into.set(path, { kind: "file", mode: seen.mode, bytes: (await host.files.readBytes(path)) ?? new Uint8Array() });
  else if (seen.kind === "link")
    into.set(path, { kind: "link", target: (await host.files.readLink(path)) ?? "", bytes: await behind(host, path) });
  else into.set(path, { kind: seen.kind });
  return seen.kind;
}

/** All in a folder; a folder that is a link (hooks kept elsewhere) is followed, since what git runs lies behind it. */
async function readFolder(host: Host, folder: string, into: Map<string, Saved>): Promise<void> {
  const kind = await readOne(host, folder, into);
  if (kind !== "folder" && kind !== "link") return;
  for (const { name, kind: inner } of await host.files.list(folder)) {
    if (inner === "folder") await readFolder(host, join(folder, name), into);
    else await readOne(host, join(folder, name), into);
  }
}

/** The content behind a link to a file. */
async function behind(host: Host, path: string): Promise<Uint8Array | undefined> {
  const real = await host.files.realPath(path);
  if (real === undefined || (await host.files.look(real))?.kind !== "file") return undefined;
  return await host.files.readBytes(real);
}

function same(a: Saved, b: Saved): boolean {
  if (a.kind === "file" && b.kind === "file") return a.mode === b.mode && sameBytes(a.bytes, b.bytes);
  if (a.kind === "link" && b.kind === "link") return a.target === b.target && sameBytes(a.bytes, b.bytes);
  return a.kind === b.kind;
}

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;

/** Where a tree's own git folder lies, from the pointer file; undefined when the tree is a main worktree or has no pointer. */
async function gitFolderOf(host: Host, pointer: string): Promise<string | undefined> {
  if ((await host.files.look(pointer))?.kind !== "file") return undefined;
  return namedGitFolder(dirname(pointer), await host.files.readText(pointer));
}
