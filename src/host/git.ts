/**
 * Git, by plain git with exit codes and porcelain only; each verb one or few spawns, and none where a plain file of the
 * repository says it (HEAD, and what was already learnt of a repository). Paths are absolute.
 */
export type Repository = {
  /** The main worktree's top folder (of a linked worktree: that of the worktree it was linked from). */
  readonly mainRoot: string;
  /** Top folder of the worktree that was asked about. */
  readonly root: string;
  readonly commonDir: string;
  readonly linked: boolean;
};
export type TreeAt = {
  readonly path: string;
  readonly commit: string | null;
  readonly branch: string | null;
  readonly locked: boolean;
  readonly prunable: boolean;
};
export type RefAt = { readonly ref: string; readonly commit: string };
export type Head = { readonly commit: string; readonly branch: string | null };
export type Commit = {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly subject: string;
  readonly body: string;
  /** Trailers by lower-cased key, in order. */
  readonly trailers: Readonly<Record<string, readonly string[]>>;
};
/** Paths relative to the worktree: `changed` differs from HEAD or index, `untracked` is not ignored either. */
export type Status = { readonly changed: readonly string[]; readonly untracked: readonly string[] };
export type Identity = { readonly name: string; readonly email: string };
export type MergeProbe =
  | { readonly clean: true; readonly tree: string }
  | { readonly clean: false; readonly files: readonly string[] };
export type MergeOutcome =
  | { readonly did: "merged"; readonly commit: string }
  | { readonly did: "nothing"; readonly commit: string }
  | { readonly did: "conflict"; readonly files: readonly string[] }
  | { readonly did: "refused"; readonly message: string };

export type Git = {
  /** Major and minor, or undefined when git is not there. */
  version(): Promise<{ major: number; minor: number; text: string } | undefined>;
  /** The repository the folder lies in, or undefined. */
  repository(folder: string): Promise<Repository | undefined>;
  /** The commit a ref or expression names, or undefined. */
  resolve(repository: string, expression: string): Promise<string | undefined>;
  head(tree: string): Promise<Head | undefined>;
  /** Refs below a prefix such as `refs/heads/`. */
  refs(repository: string, prefix: string): Promise<readonly RefAt[]>;
  trees(repository: string): Promise<readonly TreeAt[]>;
  /**
   * Metadata only (`--no-checkout --no-track`); hold the repository lock. `branch` null: detached; else a new branch at
   * `commit`, or with `existing` the branch that is there already.
   */
  addTree(
    repository: string,
    tree: { path: string; branch: string | null; commit: string; existing?: boolean },
  ): Promise<void>;
  /** Fills a tree made by addTree; no lock needed. */
  fillTree(path: string): Promise<void>;
  /**
   * Forgets one tree whose folder is gone, also one that a killed `add` left locked; quiet when git does not know it. Other
   * trees that are missing (on a disk that is not mounted) stay known. Hold the repository lock.
   */
  forgetTree(repository: string, path: string): Promise<void>;
  /** Forgets trees whose folder is gone. */
  pruneTrees(repository: string): Promise<void>;
  /** Deletes a branch only if it still points at `commit`; false when it does not. */
  deleteBranch(repository: string, branch: string, commit: string): Promise<boolean>;
  /** Sets a ref; with `expected`, only if it is there now (empty string: only if absent). False when it was not. */
  setRef(repository: string, ref: string, commit: string, expected?: string): Promise<boolean>;
  isAncestor(repository: string, ancestor: string, descendant: string): Promise<boolean>;
  mergeBase(repository: string, a: string, b: string): Promise<string | undefined>;
  /** What a merge would give, without touching a tree. */
  probeMerge(repository: string, ours: string, theirs: string): Promise<MergeProbe>;
  /** `merge --no-ff` in the tree; a conflict is aborted before this settles. */
  merge(tree: string, commit: string, message: string): Promise<MergeOutcome>;
  /** Ends a merge that was left half-way; false when there was none. */
  abortMerge(tree: string): Promise<boolean>;
  /**
   * `merge --no-ff --no-commit` in a tree that somebody settles it in: conflicts stay there. The files that conflict; none when
   * only the commit is left to be made, or nothing was to be merged.
   */
  beginMerge(tree: string, commit: string): Promise<readonly string[]>;
  /** Files of a merge under way that git has not been told to be settled. */
  unsettled(tree: string): Promise<readonly string[]>;
  /** Commits a merge that is under way and settled. Refused: by a hook; the merge is under way as before. */
  concludeMerge(tree: string, message: string): Promise<MergeOutcome>;
  /** Moves the tree's branch on to a commit that descends from it; refused when it does not, or files are in the way. */
  fastForward(tree: string, commit: string): Promise<MergeOutcome>;
  /** `withoutSubmodules`: does not look into them, which git cannot do in a tree that was moved. */
  status(tree: string, options?: { readonly withoutSubmodules?: boolean }): Promise<Status>;
  /** `from`, `to` commits; paths with one-letter status (A, M, D, T); renames are a D and an A. */
  diffFiles(repository: string, from: string, to: string): Promise<readonly { status: string; path: string }[]>;
  diffText(repository: string, from: string, to: string, paths?: readonly string[]): Promise<string>;
  /** Commits reachable from `to` and not from `from`, oldest first. */
  commits(repository: string, from: string, to: string): Promise<readonly Commit[]>;
  commit(repository: string, sha: string): Promise<Commit | undefined>;
  /**
   * What each commit changes, as `git patch-id --stable` names it: the same after a rebase. Of commits reachable from `to` and not
   * from `from`, oldest first; merges and commits that change nothing are left out.
   */
  patchIds(repository: string, from: string, to: string): Promise<readonly { commit: string; patch: string }[]>;
  /** A file's bytes at a commit, or undefined. */
  blob(repository: string, commit: string, path: string): Promise<Uint8Array | undefined>;
  /** The same for many files, in their order, by a few processes; null for one of more than `most` bytes. */
  blobs(
    repository: string,
    commit: string,
    ask: { readonly paths: readonly string[]; readonly most: number },
  ): Promise<readonly (Uint8Array | null | undefined)[]>;
  /** Paths at a commit, below a folder when given. */
  files(repository: string, commit: string, below?: string): Promise<readonly string[]>;
  /** Lines that match at a commit: at most `limit`. */
  search(
    repository: string,
    commit: string,
    ask: { pattern: string; mode: "fixed" | "regex"; paths: readonly string[]; limit: number },
  ): Promise<readonly { path: string; line: number; text: string }[]>;
  /** Ignored, untracked files of the tree that match the gitignore-style patterns. */
  ignoredFiles(tree: string, patterns: readonly string[]): Promise<readonly string[]>;
  isIgnored(tree: string, path: string): Promise<boolean>;
  /** A tree object of all tracked and untracked, not ignored files as they are now, without touching index or HEAD; `.okstra` left out. */
  snapshot(tree: string): Promise<string>;
  /** A commit object of a tree object; no ref is moved. */
  commitTree(repository: string, treeObject: string, parents: readonly string[], message: string): Promise<string>;
  /** Index and files as at `commit`, untracked files removed, ignored ones kept. */
  reset(tree: string, commit: string): Promise<void>;
  /** The same git, whose calls find the repository's hooks in this folder (an absolute path) and nowhere else. */
  hooked(folder: string): Promise<Git>;
  /** The identity commits of the engine get, and whether it is the repository's own. */
  identity(repository: string): Promise<Identity & { own: boolean }>;
  /** Runs any other git command with okstra's fixed settings; throws a fault `git-failed` unless it exits 0. */
  plain(cwd: string, ...args: readonly string[]): Promise<string>;
};
