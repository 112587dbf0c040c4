/**
 * Whether a tree can go without anything being lost: what it holds that nothing else does, who works in it, where its commits are.
 * Looks only. What is found is an objection; each has to be met, or overruled by a person, before the tree is touched.
 */
import { join } from "node:path";
import type { Host, Repository, TreeAt } from "../host/index.ts";
import { onlyHere } from "./ignored.ts";
import { realEvenIfGone } from "./registered.ts";
import { classify, type FolderKind, lastLogged, realCommit } from "./remains.ts";

export type Objection = {
  readonly what:
    | "foreign"
    | "locked"
    | "process"
    | "half-way"
    | "changed"
    | "untracked"
    | "hidden"
    | "ignored"
    | "repositories"
    | "orphan"
    | "commits"
    /** Of the engine: runs that would go on in the tree. */
    | "run";
  /** One line for people. */
  readonly text: string;
  /** Paths, commits or processes. */
  readonly items: readonly string[];
  /** Whether `--force` overrules it: what would be lost is kept aside then. */
  readonly yields: boolean;
};

export type StandingAsk = {
  readonly repository: Repository;
  /** Where the tree is registered. */
  readonly path: string;
  /** Where it is now, when it was moved already. */
  readonly at?: string;
  readonly branch: string;
  /** What the branch is meant for, as git resolves it; null when that is not known. */
  readonly target: string | null;
  /** Folders that can be made anew, as the settings name them. */
  readonly derived: readonly string[];
};

export type Standing = {
  readonly folder: FolderKind;
  /** The folder that holds the tree's own metadata. */
  readonly gitFolder: string | null;
  /** The tree's commit, or the last one it had. */
  readonly head: string | null;
  readonly branchHead: string | null;
  /** Another tree that has the branch checked out. */
  readonly branchHolder: string | null;
  /** The branch lies in what it is meant for; null when one of them is not there. */
  readonly merged: boolean | null;
  /** The branch lies in one of a remote, as last seen. */
  readonly pushed: boolean;
  readonly dirty: boolean;
  /** Files that no commit and no other tree holds, besides what git tells as changed or untracked. */
  readonly aside: readonly string[];
  /** Repositories or submodules lie inside, whose history the tree alone has. */
  readonly holdsRepositories: boolean;
  /** Commits that no ref holds but the branch itself, remote ones apart. */
  readonly unheld: readonly string[];
  readonly objections: readonly Objection[];
};

export async function standing(host: Host, ask: StandingAsk): Promise<Standing> {
  const { mainRoot } = ask.repository;
  const known = await knownAt(host, ask);
  const { kind, gitFolder } = await ownFolder(host, ask);
  const inTree = kind === "tree" && gitFolder !== undefined;
  const head = inTree
    ? ((await host.git.head(at(ask)))?.commit ?? (await lastLogged(host, mainRoot, gitFolder)) ?? null)
    : realCommit(known.here?.commit);
  const branchHead = (await host.git.resolve(mainRoot, `refs/heads/${ask.branch}`)) ?? null;
  const modules = gitFolder === undefined ? [] : await host.files.list(join(gitFolder, "modules"));
  const inside = modules.map(({ name }) => name);
  const contents = inTree ? await contentsOf(host, ask, gitFolder, inside) : withRepositories(nothing, inside);
  const commits = await provenCommits(host, ask, { head, branchHead, begun: contents.begun });
  return {
    folder: kind,
    gitFolder: gitFolder ?? null,
    head,
    branchHead,
    branchHolder: known.branchHolder,
    merged: commits.merged,
    pushed: commits.pushed,
    dirty: contents.dirty,
    aside: contents.aside,
    holdsRepositories: contents.holdsRepositories,
    unheld: commits.unheld,
    objections: [
      ...placeObjections(ask, kind, known.here),
      ...(await processObjections(host, ask, kind)),
      ...contents.objections,
      ...commits.objections,
    ],
  };
}

const at = (ask: StandingAsk): string => ask.at ?? ask.path;

async function knownAt(
  host: Host,
  ask: StandingAsk,
): Promise<{ here: TreeAt | undefined; branchHolder: string | null }> {
  const own = [ask.path, at(ask), await realEvenIfGone(host, ask.path), await realEvenIfGone(host, at(ask))];
  const trees = await host.git.trees(ask.repository.mainRoot);
  const holder = trees.find((tree) => tree.branch === ask.branch && !own.includes(tree.path));
  return { here: trees.find((tree) => own.includes(tree.path)), branchHolder: holder?.path ?? null };
}

/** The folder with the metadata of a tree, also of one that is gone: git knows it by where the tree was. */
async function metadataOf(host: Host, ask: StandingAsk): Promise<string | undefined> {
  const all = join(ask.repository.commonDir, "worktrees");
  for (const { name } of await host.files.list(all)) if (await isOf(host, ask, join(all, name))) return join(all, name);
  return undefined;
}

async function isOf(host: Host, ask: StandingAsk, gitFolder: string): Promise<boolean> {
  const pointer = ((await host.files.readText(join(gitFolder, "gitdir"))) ?? "").replace(/\r?\n$/, "");
  if (pointer === "") return false;
  const back = await realEvenIfGone(host, pointer);
  for (const place of [ask.path, at(ask)]) if (back === (await realEvenIfGone(host, join(place, ".git")))) return true;
  return false;
}

/** A folder whose metadata is that of a tree elsewhere is a copy of that one, and none of ours. */
async function ownFolder(host: Host, ask: StandingAsk): Promise<{ kind: FolderKind; gitFolder?: string }> {
  const seen = await classify(host, { repository: ask.repository, path: at(ask) });
  if (seen.kind !== "tree" || seen.gitFolder === undefined) {
    const gitFolder = await metadataOf(host, ask);
    return { kind: seen.kind, ...(gitFolder === undefined ? {} : { gitFolder }) };
  }
  return (await isOf(host, ask, seen.gitFolder)) ? seen : { kind: "foreign" };
}

function placeObjections(ask: StandingAsk, kind: FolderKind, known: TreeAt | undefined): Objection[] {
  const found: Objection[] = [];
  const add = (what: "foreign" | "locked" | "orphan", text: string, yields: boolean) =>
    found.push({ what, text, items: [], yields });
  if (kind === "foreign") add("foreign", `${at(ask)} is no longer this worktree; move it away first`, false);
  if (kind === "orphan")
    add("orphan", `git's record of ${at(ask)} is gone, so what changed in it cannot be told`, true);
  if (known?.locked === true)
    add("locked", `it is locked; unlock it first: git worktree unlock "${known.path}"`, false);
  return found;
}

async function processObjections(host: Host, ask: StandingAsk, kind: FolderKind): Promise<Objection[]> {
  if (kind === "absent" || kind === "foreign") return [];
  const inside = await host.processes.inside(at(ask));
  if (inside.length === 0) return [];
  const items = inside.map(({ pid, program }) => `${program} (${pid})`);
  return [{ what: "process", text: `${counted(items, "process works", "processes work")} in it`, items, yields: true }];
}

type Contents = Pick<Standing, "dirty" | "aside" | "holdsRepositories" | "objections"> & {
  /** Commits of a merge, rebase and the like that was begun. */
  readonly begun: readonly string[];
};
const nothing: Contents = { dirty: false, aside: [], holdsRepositories: false, begun: [], objections: [] };

function withRepositories(contents: Contents, repositories: readonly string[]): Contents {
  if (repositories.length === 0) return contents;
  const text = `repositories of their own lie in it: ${shown(repositories)}`;
  const objection: Objection = { what: "repositories", text, items: repositories, yields: true };
  return { ...contents, holdsRepositories: true, objections: [...contents.objections, objection] };
}

async function contentsOf(
  host: Host,
  ask: StandingAsk,
  gitFolder: string,
  modules: readonly string[],
): Promise<Contents> {
  const path = at(ask);
  const { mainRoot } = ask.repository;
  const { changed, untracked } = await host.git.status(path, { withoutSubmodules: path !== ask.path });
  const own = (name: string): boolean => name === ".okstra" || name.startsWith(".okstra/");
  const ignored = await onlyHere(host, { mainRoot, path, derived: ask.derived });
  const nested = untracked.filter((name) => name.endsWith("/"));
  const repositories = [...nested, ...modules, ...(await inner(host, path, ignored))];
  const hidden = await hiddenFiles(host, path);
  const begun = await begunCommits(host, gitFolder);
  const files = untracked.filter((name) => !own(name) && !nested.includes(name));
  const objections: Objection[] = [];
  const add = (what: Objection["what"], items: readonly string[], text: string) => {
    if (items.length > 0) objections.push({ what, text: `${text}: ${shown(items)}`, items, yields: true });
  };
  add("half-way", begun.names, "git has something half done");
  add("changed", changed, counted(changed, "file is changed", "files are changed"));
  add("untracked", files, counted(files, "file was never added", "files were never added"));
  add("hidden", hidden, "git was told not to look at changes of");
  const loose = ignored.filter((name) => !repositories.includes(name));
  add("ignored", loose, counted(loose, "ignored file is nowhere else", "ignored files are nowhere else"));
  const dirty = changed.length + untracked.length + begun.names.length > 0;
  const contents = { dirty, aside: [...loose, ...hidden], holdsRepositories: false, begun: begun.commits, objections };
  return withRepositories(contents, repositories);
}

async function inner(host: Host, path: string, ignored: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of ignored) if ((await host.files.look(join(path, name)))?.kind === "folder") found.push(name);
  return found;
}

/** Files whose changes `git update-index --assume-unchanged` or `--skip-worktree` hides, and that are there. */
async function hiddenFiles(host: Host, path: string): Promise<string[]> {
  const listed = (await host.git.plain(path, "ls-files", "-v", "-z")).split("\0");
  const found: string[] = [];
  for (const row of listed.filter((one) => /^[a-zS] /.test(one))) {
    const name = row.slice(2);
    if ((await host.files.look(join(path, name)))?.kind === "file") found.push(name);
  }
  return found;
}

/** What git leaves in a tree's metadata while it is in the middle of something. */
const halfDone = ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_LOG", "rebase-merge", "rebase-apply"];
const halfDoneCommits = ["MERGE_HEAD", "CHERRY_PICK_HEAD", "rebase-merge/orig-head", "rebase-apply/orig-head"];

async function begunCommits(host: Host, gitFolder: string): Promise<{ names: string[]; commits: string[] }> {
  const names: string[] = [];
  for (const name of halfDone) if ((await host.files.look(join(gitFolder, name))) !== undefined) names.push(name);
  const texts = await Promise.all(halfDoneCommits.map((name) => host.files.readText(join(gitFolder, name))));
  const commits = texts.flatMap((text) => (text ?? "").split("\n").filter((line) => /^[0-9a-f]{40,64}$/.test(line)));
  return { names, commits };
}

type Heads = { readonly head: string | null; readonly branchHead: string | null; readonly begun: readonly string[] };
type Proven = Pick<Standing, "merged" | "pushed" | "unheld" | "objections">;

async function provenCommits(host: Host, ask: StandingAsk, { head, branchHead, begun }: Heads): Promise<Proven> {
  const { mainRoot } = ask.repository;
  const target = ask.target === null ? undefined : await host.git.resolve(mainRoot, `${ask.target}^{commit}`);
  const objections: Objection[] = [];
  const unheld: string[] = [];
  let [merged, pushed]: [boolean | null, boolean] = [null, false];
  for (const commit of new Set([branchHead, head, ...begun])) {
    if (commit === null) continue;
    const refs = await refsWith(host, mainRoot, commit);
    const isMerged = target !== undefined && (await host.git.isAncestor(mainRoot, commit, target));
    const isPushed = refs.some((ref) => ref.startsWith("refs/remotes/"));
    const isHeld = refs.some((ref) => ref !== `refs/heads/${ask.branch}` && !/^refs\/(remotes\/|stash$)/.test(ref));
    if (commit === (branchHead ?? head)) [merged, pushed] = [target === undefined ? null : isMerged, isPushed];
    if (!isHeld) unheld.push(commit);
    if (isMerged || isPushed || (isHeld && commit !== branchHead)) continue;
    objections.push(await commitsObjection(host, ask, { commit, target }));
  }
  return { merged, pushed, unheld, objections };
}

/** Every ref that the commit can be reached from. */
async function refsWith(host: Host, mainRoot: string, commit: string): Promise<string[]> {
  const listed = await host.git.plain(mainRoot, "for-each-ref", `--contains=${commit}`, "--format=%(refname)");
  return listed.split("\n").filter((ref) => ref !== "");
}

async function commitsObjection(
  host: Host,
  ask: StandingAsk,
  { commit, target }: { commit: string; target: string | undefined },
): Promise<Objection> {
  const name = ask.target?.replace(/^refs\/heads\//, "") ?? "its base";
  const commits = target === undefined ? [] : await host.git.commits(ask.repository.mainRoot, target, commit);
  const items = commits.length === 0 ? [commit] : commits.map(({ sha }) => sha);
  const subjects = commits.map(({ sha, subject }) => `${sha.slice(0, 8)} ${subject}`);
  const what = commits.length === 0 ? `commit ${commit.slice(0, 8)} is` : counted(items, "commit is", "commits are");
  const where = target === undefined ? `pushed nowhere, and ${name} is not there` : `neither in ${name} nor pushed`;
  const text = `${what} ${where}${subjects.length === 0 ? "" : `: ${shown(subjects)}`}`;
  return { what: "commits", text, items, yields: true };
}

const counted = (items: readonly unknown[], one: string, many: string): string =>
  `${items.length} ${items.length === 1 ? one : many}`;

const shown = (items: readonly string[]): string =>
  items.length <= 4 ? items.join(", ") : `${items.slice(0, 3).join(", ")} and ${items.length - 3} more`;
