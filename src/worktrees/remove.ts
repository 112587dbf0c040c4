/**
 * Removes a tree of a task or stage for good. Nothing goes that is the only copy: what stands against removal is looked at first,
 * what a person overrules is kept (commits, changed and untracked files in a rescue ref, what no commit can hold in the home), and
 * the tree is looked at once more when nobody can find it at its place any longer.
 *
 *   there -> (begin: the caller notes that it is going) -> kept -> moved beside -> looked at again -> in the trash -> git forgets
 *
 * A process killed in between is followed by another that calls this again with the same ask: each step finds what was done.
 */
import { dirname, join } from "node:path";
import { type Host, isoTime } from "../host/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import type { TaskKey } from "../model/index.ts";
import { repositoryLock, withLock } from "../registry/index.ts";
import { forgetMade } from "./made.ts";
import { isBelow } from "./places.ts";
import { unsavedState } from "./remains.ts";
import { keepWork } from "./rescue.ts";
import { type Objection, type Standing, type StandingAsk, standing } from "./standing.ts";
import { removeEmptyParents, setAside } from "./trash.ts";

export type RemoveAsk = Omit<StandingAsk, "at"> & {
  readonly key: TaskKey;
  /** Overrules objections that yield; what they name is kept. */
  readonly force: boolean;
  /** The folder for temporary files that goes with the tree. */
  readonly scratch: string;
  /** Called once nothing stands against it and before anything is touched. */
  readonly begin: () => Promise<void>;
};

export type Removed = {
  /** False: nothing was touched; `objections` say why. */
  readonly removed: boolean;
  readonly objections: readonly Objection[];
  /** Refs that keep what was overruled. */
  readonly rescue: readonly string[];
  /** Folders in the home that keep what no commit can hold. */
  readonly kept: readonly string[];
  readonly branchDeleted: boolean;
  readonly notes: readonly string[];
  /** What is left to delete: see deleteLater. */
  readonly trash: readonly string[];
};

/** The caller holds the task lock and knows that no run holds the tree. */
export async function removeTree(host: Host, home: string, ask: RemoveAsk): Promise<Removed> {
  if (!isBelow(homePaths(home).worktrees, ask.path)) throw new Error(`${ask.path} is not below ${home}`);
  const moved = besides(ask.path);
  const onItsWay = (await host.files.look(moved)) !== undefined;
  const at = onItsWay ? moved : ask.path;
  const seen = await standing(host, { ...ask, at });
  // What was moved already was decided about.
  const overruled = ask.force || onItsWay;
  const objections = seen.objections.filter((one) => !(overruled && one.yields));
  if (objections.length > 0) return { ...nothing, objections };
  if (!onItsWay) await ask.begin();
  const kept: Kept = { rescue: [], folders: [] };
  await keepContents(host, home, { ask, at, seen, kept });
  const trash = [...(await takeAway(host, home, { ask, at, seen, kept })), ...(await scratchOf(host, home, ask))];
  const forgotten = await withLock(host, repositoryLock(home, ask.repository.commonDir), `remove ${ask.path}`, () =>
    forget(host, home, ask, seen),
  );
  return {
    removed: true,
    objections: [],
    rescue: [...new Set(kept.rescue)],
    kept: kept.folders,
    ...forgotten,
    trash,
  };
}

const nothing = { removed: false, rescue: [], kept: [], branchDeleted: false, notes: [], trash: [] };

/** Where a tree is between its place and the trash. */
const besides = (path: string): string => `${path}.removing`;

type Going = { readonly ask: RemoveAsk; readonly at: string; readonly seen: Standing };
type Kept = { readonly rescue: string[]; readonly folders: string[] };

async function keepContents(host: Host, home: string, going: Going & { readonly kept: Kept }): Promise<void> {
  const { ask, at, seen, kept } = going;
  const state = seen.dirty && !staysWhole(seen) ? await stateOf(host, going) : null;
  await keepCommits(host, ask, kept, { state, head: seen.head, unheld: await losing(host, { ask, at, seen }) });
  if (seen.aside.length > 0 && !staysWhole(seen)) {
    const folder = await rescuedFolder(host, home, ask);
    for (const name of seen.aside) await moveInto(host, join(at, name), join(folder, name));
    kept.folders.push(folder);
  }
}

/** The commits that no ref holds once the tree is gone, and its branch where that goes too. */
async function losing(host: Host, { ask, seen }: Going): Promise<readonly string[]> {
  const { branchHead } = seen;
  if (branchHead === null || branchGoes(ask, seen)) return seen.unheld;
  const lost: string[] = [];
  for (const commit of seen.unheld)
    if (!(await host.git.isAncestor(ask.repository.mainRoot, commit, branchHead))) lost.push(commit);
  return lost;
}

/** A merged branch goes with its tree; so does any whose removal a person insisted on. One that is only pushed stays. */
const branchGoes = (ask: RemoveAsk, seen: Standing): boolean =>
  seen.branchHolder === null && (seen.merged === true || ask.force);

/** One ref for all that would be lost; none when nothing would. */
async function keepCommits(
  host: Host,
  ask: RemoveAsk,
  kept: Kept,
  work: { readonly state: string | null; readonly head: string | null; readonly unheld: readonly string[] },
): Promise<void> {
  const on = work.state === null ? [] : [work.head].filter((head) => head !== null);
  const [first, ...others] = new Set([...on, ...work.unheld]);
  if (first === undefined) return;
  kept.rescue.push(await keepWork(host, ask, { state: work.state, commits: [first, ...others], from: ask.path }));
}

/** Of a tree whose branch was deleted under it, what differs from the last commit it had. */
async function stateOf(host: Host, { ask, at, seen }: Going): Promise<string | null> {
  if (seen.gitFolder === null || seen.head === null) return null;
  const { repository } = ask;
  return await unsavedState(host, { repository, path: at, gitFolder: seen.gitFolder, head: seen.head });
}

/** What no commit can hold: repositories inside, a tree whose record in git is gone, changes upon no commit at all. */
const staysWhole = (seen: Standing): boolean =>
  seen.holdsRepositories || seen.folder === "orphan" || (seen.dirty && seen.head === null);

async function rescuedFolder(host: Host, home: string, ask: RemoveAsk): Promise<string> {
  const time = isoTime(host.clock).replaceAll(/[-:.]/g, "");
  const folder = join(homePaths(home).rescued(ask.key), `${time}-${host.random.id(4)}`);
  await host.files.makeFolder(folder, { mode: 0o700 });
  return folder;
}

async function moveInto(host: Host, from: string, to: string): Promise<void> {
  await host.files.makeFolder(dirname(to));
  await host.files.rename(from, to);
}

/** What is to be deleted then. Whoever wrote since the first look is heard once more; from now on nobody finds a tree there. */
async function takeAway(host: Host, home: string, going: Going & { readonly kept: Kept }): Promise<string[]> {
  const { ask, at, seen, kept } = going;
  if (seen.folder === "absent") {
    if (seen.holdsRepositories) await keepModules(host, seen, await rescuedFolder(host, home, ask), kept);
    return [];
  }
  const moved = besides(ask.path);
  if (at !== moved) await host.files.rename(at, moved);
  const now = { ask, at: moved, seen: await standing(host, { ...ask, at: moved }) };
  await keepContents(host, home, { ...now, kept });
  if (!staysWhole(now.seen)) return [await setAside(host, home, moved)];
  const folder = await rescuedFolder(host, home, ask);
  await host.files.rename(moved, join(folder, "tree"));
  await keepModules(host, now.seen, folder, kept);
  return [];
}

/** The history of submodules is part of the tree's metadata. */
async function keepModules(host: Host, { gitFolder }: Standing, folder: string, kept: Kept): Promise<void> {
  kept.folders.push(folder);
  const modules = gitFolder === null ? undefined : join(gitFolder, "modules");
  if (modules !== undefined && (await host.files.look(modules)) !== undefined)
    await host.files.rename(modules, join(folder, "modules"));
}

async function scratchOf(host: Host, home: string, { scratch }: RemoveAsk): Promise<string[]> {
  return (await host.files.look(scratch)) === undefined ? [] : [await setAside(host, home, scratch)];
}

async function forget(
  host: Host,
  home: string,
  ask: RemoveAsk,
  seen: Standing,
): Promise<Pick<Removed, "branchDeleted" | "notes">> {
  const { mainRoot } = ask.repository;
  const notes: string[] = [];
  for (const path of [ask.path, besides(ask.path)])
    if ((await host.files.look(path)) === undefined) await host.git.forgetTree(mainRoot, path);
  let branchDeleted = false;
  const { branchHead } = seen;
  if (seen.branchHolder !== null)
    notes.push(`the branch ${ask.branch} is checked out in ${seen.branchHolder} and stays`);
  else if (branchHead !== null && branchGoes(ask, seen)) {
    branchDeleted = await host.git.deleteBranch(mainRoot, ask.branch, branchHead);
    if (!branchDeleted) notes.push(`the branch ${ask.branch} moved meanwhile and stays`);
  } else if (branchHead !== null) notes.push(`the branch ${ask.branch} is pushed and not merged; it stays`);
  await forgetMade(host, ask.path);
  await host.files.removeFile(`${ask.path}.setup.log`);
  await removeEmptyParents(host, home, ask.path);
  return { branchDeleted, notes };
}
