/**
 * Adds a tree: metadata only, a few milliseconds under the repository lock, since `git worktree add` races with itself. What
 * stands in the way (branch, folder, disk) is found before git runs, and a failing add leaves nothing behind. Filling the
 * tree is fillTree's work, outside the lock.
 */
import type { Host, Repository } from "../host/index.ts";
import { fault } from "../model/index.ts";
import { repositoryLock, withLock } from "../registry/index.ts";
import { requireSpace } from "./disk.ts";
import { forgetMade, type Made, writeMade } from "./made.ts";
import { registeredAt } from "./registered.ts";

export type AddAsk = {
  readonly repository: Repository;
  /** Absolute; nothing may be there. */
  readonly path: string;
  /** Null: detached. */
  readonly branch: string | null;
  readonly commit: string;
  /** False: the branch is there already and no tree has it checked out; `commit` is not looked at then. */
  readonly newBranch: boolean;
  /** A branch name to offer in the remedy when the branch is taken; without one the other has to give way. */
  readonly offer?: string;
};

/** Throws `branch-taken`, `path-taken`, `disk-full`, `base-ref-unknown` (an existing branch that is not there), `git-failed`. */
export async function addTree(host: Host, home: string, ask: AddAsk): Promise<void> {
  await requireSpace(host, ask);
  await withLock(host, repositoryLock(home, ask.repository.commonDir), `add ${ask.path}`, async () => {
    try {
      await refuseTaken(host, ask);
    } catch (refused) {
      await forgetMade(host, ask.path);
      throw refused;
    }
    await writeMade(host, madeOf(ask));
    await addOrLeaveNothing(host, ask);
  });
}

/** What the mark of this tree says; undoTree asks for the same. */
export const madeOf = (ask: Pick<AddAsk, "repository" | "path" | "branch" | "commit" | "newBranch">): Made => ({
  path: ask.path,
  branch: ask.newBranch ? ask.branch : null,
  commit: ask.commit,
  repository: ask.repository.commonDir,
});

async function refuseTaken(host: Host, ask: AddAsk): Promise<void> {
  if ((await host.files.look(ask.path)) !== undefined) {
    throw fault(
      "path-taken",
      `${ask.path} exists already and is not this worktree`,
      `Look at it, then move it away: mv "${ask.path}" "${ask.path}.mine"`,
      { path: ask.path },
    );
  }
  if (ask.branch !== null && ask.newBranch) await refuseTakenBranch(host, { ...ask, branch: ask.branch });
  if (ask.branch !== null && !ask.newBranch) await requireFreeBranch(host, ask.repository.mainRoot, ask.branch);
}

/** Also a branch that is a folder of the wanted name, or lies in a folder of that name, stands in its way. */
async function refuseTakenBranch(host: Host, ask: AddAsk & { branch: string }): Promise<void> {
  const { mainRoot } = ask.repository;
  const parents = ask.branch
    .split("/")
    .map((_part, index, parts) => parts.slice(0, index).join("/"))
    .slice(1);
  const found = [...(await host.git.refs(mainRoot, `refs/heads/${ask.branch}`))].map((at) =>
    at.ref.slice("refs/heads/".length),
  );
  for (const parent of parents) {
    if ((await host.git.resolve(mainRoot, `refs/heads/${parent}`)) !== undefined) found.push(parent);
  }
  const taken = found.find(
    (name) => name === ask.branch || name.startsWith(`${ask.branch}/`) || parents.includes(name),
  );
  if (taken === undefined) return;
  const holder = (await host.git.trees(mainRoot)).find((tree) => tree.branch === taken)?.path;
  throw fault(
    "branch-taken",
    taken === ask.branch
      ? `The branch ${taken} exists already${holder === undefined ? "" : ` and is checked out in ${holder}`}`
      : `The branch ${ask.branch} cannot be made beside the branch ${taken}`,
    ask.offer === undefined
      ? `Look at it, then rename it: git branch -m ${taken} ${taken}-mine`
      : `Take another name: --branch ${ask.offer}`,
    { branch: ask.branch, taken, holder: holder ?? null },
  );
}

async function requireFreeBranch(host: Host, mainRoot: string, branch: string): Promise<void> {
  if ((await host.git.resolve(mainRoot, `refs/heads/${branch}`)) === undefined) {
    throw fault("base-ref-unknown", `There is no branch ${branch} in ${mainRoot}`, "git branch shows what there is", {
      branch,
    });
  }
  const holder = (await host.git.trees(mainRoot)).find((tree) => tree.branch === branch);
  if (holder === undefined || (await host.files.look(holder.path)) === undefined) return;
  throw fault(
    "branch-taken",
    `The branch ${branch} is checked out in ${holder.path}`,
    `Free it first: git -C "${holder.path}" switch --detach`,
    {
      branch,
      holder: holder.path,
    },
  );
}

/**
 * git refuses a path that it still knows from a tree whose folder was deleted by hand. Asking beforehand would cost every add
 * a process, so the refusal is looked into and the add done again.
 */
async function addOrLeaveNothing(host: Host, ask: AddAsk): Promise<void> {
  try {
    await add(host, ask);
  } catch (failed) {
    if (!(await forgetDeletedByHand(host, ask))) throw failed;
    await add(host, ask);
  }
}

async function add(host: Host, ask: AddAsk): Promise<void> {
  const { path, branch, commit, repository } = ask;
  try {
    await host.git.addTree(repository.mainRoot, { path, branch, commit, ...(ask.newBranch ? {} : { existing: true }) });
  } catch (failed) {
    await host.files.removeFile(`${path}/.git`);
    await host.files.removeEmptyFolder(path);
    if (branch !== null && ask.newBranch) await host.git.deleteBranch(repository.mainRoot, branch, commit);
    throw failed;
  }
}

async function forgetDeletedByHand(host: Host, ask: AddAsk): Promise<boolean> {
  const { mainRoot } = ask.repository;
  const known = await registeredAt(host, mainRoot, ask.path);
  if (known === undefined || (await host.files.look(ask.path)) !== undefined) return false;
  if (
    known.branch === null &&
    known.commit !== null &&
    !(await host.git.isAncestor(mainRoot, known.commit, ask.commit))
  ) {
    throw fault(
      "path-taken",
      `git knows a worktree at ${ask.path} whose folder is gone and whose commit ${known.commit} no branch may hold`,
      `Keep the commit and forget the worktree: git branch kept-${known.commit.slice(0, 8)} ${known.commit} && git worktree remove --force "${ask.path}"`,
      { path: ask.path, commit: known.commit },
    );
  }
  await host.git.forgetTree(mainRoot, ask.path);
  return true;
}
