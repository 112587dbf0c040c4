/** Looks at what is left of a tree, in any half-state, without changing anything. */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { type Host, namedGitFolder, type Repository } from "../host/index.ts";
import { isBelow } from "./places.ts";
import { registeredAt } from "./registered.ts";

/**
 * `shell`: an empty folder, or nothing in it but the pointer to git's metadata. `tree`: a worktree that git can work in.
 * `orphan`: a worktree's files whose metadata is gone. `foreign`: nothing that git made for this repository.
 */
export type FolderKind = "absent" | "shell" | "tree" | "orphan" | "foreign";

export type Remains = {
  readonly folder: FolderKind;
  /** git knows a tree at the path. */
  readonly registered: boolean;
  /** The tree's commit; of a tree whose branch was deleted, the last one it had. */
  readonly head: string | null;
  /** A tree object of the uncommitted state; null when there is none worth keeping. */
  readonly unsaved: string | null;
};

export type TreeAsk = {
  readonly repository: Repository;
  readonly path: string;
  readonly baseCommit: string;
  readonly onlyCommits?: boolean;
};

export async function lookAtTree(host: Host, ask: TreeAsk): Promise<Remains> {
  const { mainRoot } = ask.repository;
  const known = await registeredAt(host, mainRoot, ask.path);
  const registered = known !== undefined;
  const { kind, gitFolder } = await classify(host, ask);
  if (kind !== "tree" || gitFolder === undefined)
    return { folder: kind, registered, head: realCommit(known?.commit), unsaved: null };
  const head = (await host.git.head(ask.path))?.commit ?? (await lastLogged(host, mainRoot, gitFolder)) ?? null;
  const state = { repository: ask.repository, path: ask.path, gitFolder, head: head ?? ask.baseCommit };
  const unsaved = ask.onlyCommits === true ? null : await unsavedState(host, state);
  return { folder: kind, registered, head, unsaved };
}

/** The folder that holds a worktree's own metadata, when it belongs to this repository. */
export async function gitFolderOf(host: Host, repository: Repository, path: string): Promise<string | undefined> {
  if ((await host.files.look(join(path, ".git")))?.kind !== "file") return undefined;
  const folder = namedGitFolder(path, await host.files.readText(join(path, ".git")));
  if (folder === undefined) return undefined;
  const common = (await host.files.realPath(repository.commonDir)) ?? repository.commonDir;
  return [repository.commonDir, common].some((root) => isBelow(join(root, "worktrees"), folder)) ? folder : undefined;
}

/** Whether the tree was ever filled to the end: git writes the index last. */
export const isFilled = async (host: Host, gitFolder: string): Promise<boolean> =>
  (await host.files.look(join(gitFolder, "index"))) !== undefined;

/**
 * The uncommitted state as a tree object, or null when nothing would be lost. In a tree that was never filled to the end
 * nobody worked: what it lacks of the commit, and files cut short, are the fill's; only files the commit does not have count.
 */
export async function unsavedState(
  host: Host,
  tree: { repository: Repository; path: string; gitFolder: string; head: string },
): Promise<string | null> {
  const { mainRoot } = tree.repository;
  const filled = await isFilled(host, tree.gitFolder);
  if (filled && (await host.git.head(tree.path)) !== undefined) {
    const { changed, untracked } = await host.git.status(tree.path);
    if (changed.length === 0 && untracked.length === 0) return null;
  }
  const state = await host.git.snapshot(tree.path);
  if (state === (await treeObjectOf(host, mainRoot, tree.head))) return null;
  if (filled) return state;
  const added = (await host.git.diffFiles(mainRoot, tree.head, state)).some((file) => file.status === "A");
  return added ? state : null;
}

/** The id of a commit's tree object. */
export const treeObjectOf = async (host: Host, repository: string, commit: string): Promise<string> =>
  (await host.git.plain(repository, "rev-parse", "--verify", "--end-of-options", `${commit}^{tree}`)).trim();

/** `ask.path` may be where the tree was moved to. */
export async function classify(
  host: Host,
  ask: Pick<TreeAsk, "repository" | "path">,
): Promise<{ kind: FolderKind; gitFolder?: string }> {
  const there = await host.files.look(ask.path);
  if (there === undefined) return { kind: "absent" };
  if (there.kind !== "folder") return { kind: "foreign" };
  const names = (await host.files.list(ask.path)).map((entry) => entry.name);
  if (names.length === 0) return { kind: "shell" };
  const gitFolder = await gitFolderOf(host, ask.repository, ask.path);
  if (gitFolder === undefined) return { kind: "foreign" };
  const healthy = await Promise.all(
    ["HEAD", "commondir", "gitdir"].map((name) => host.files.look(join(gitFolder, name))),
  );
  if (healthy.every((file) => file !== undefined)) return { kind: "tree", gitFolder };
  return { kind: names.length === 1 ? "shell" : "orphan" };
}

/** The last commit that HEAD's log names, if it is still there: the work of a tree whose branch was deleted under it. */
export async function lastLogged(host: Host, repository: string, gitFolder: string): Promise<string | undefined> {
  const tail = await host.files.readTail(join(gitFolder, "logs", "HEAD"), 64 * 1024);
  const last = Buffer.from(tail ?? new Uint8Array())
    .toString("utf8")
    .trimEnd()
    .split("\n")
    .at(-1);
  const commit = /^[0-9a-f]{40,64} ([0-9a-f]{40,64}) /.exec(last ?? "")?.[1];
  return commit === undefined ? undefined : await host.git.resolve(repository, `${commit}^{commit}`);
}

export const realCommit = (commit: string | null | undefined): string | null =>
  commit === null || commit === undefined || /^0+$/.test(commit) ? null : commit;
