/**
 * Where a hand-off is pushed to. What must stay true: one branch is pushed, the hand-off branch, by its whole name and only forward;
 * no force, whatever the repository is configured to; never a branch that work is merged into; hooks run.
 */
import type { Git } from "../../host/index.ts";
import type { HandoffChoice } from "../../lifecycle/task.schema.ts";
import { Fault, fault, shellWord } from "../../model/index.ts";
import type { CommandRun } from "../../report/report.schema.ts";
import { hookedHost } from "../confined-hooks.ts";
import { tellRefused } from "../network.ts";
import type { Run } from "../run.ts";
import { nowOf, type World } from "../world.ts";

/** `base`: the remote's branch that the work is to be merged into. */
export type Target = { readonly remote: string; readonly branch: string; readonly base: string };

/** A worktree of the repository, the base of the task, and the branch that is to be pushed. */
export type From = { readonly tree: string; readonly baseRef: string | null; readonly branch: string };

/** Throws `usage` without a remote, `base-ref-unknown` when it has no such base, `branch-taken` when nothing may be pushed there. */
export async function targetOf({ host }: World, from: From, choice: HandoffChoice): Promise<Target> {
  const { tree, branch } = from;
  const remote = await remoteOf(host.git, tree, choice);
  const { heads, standard } = await headsOf(host.git, tree, remote);
  const wanted = choice.base ?? from.baseRef ?? standard ?? "";
  const base = wanted.replace(/^refs\/(?:heads|remotes)\//, "").replace(new RegExp(`^${escaped(remote)}/`), "");
  if (!heads.has(base)) {
    const known = [...heads.keys()].filter((name) => name !== branch).slice(0, 10);
    throw fault(
      "base-ref-unknown",
      `${remote} has no branch "${base}" that the work could be merged into`,
      known.length === 0 ? `Push the base first: git push ${remote} BASE` : `Name one with --base: ${known.join(", ")}`,
      { remote, base, known },
    );
  }
  if (branch === base || branch === standard) {
    throw fault(
      "branch-taken",
      `${branch} is a branch that work is merged into on ${remote}; okstra pushes to none of those`,
      "Hand over with --action commit-only, and merge it yourself",
      { remote, branch },
    );
  }
  return { remote, branch, base };
}

async function remoteOf(git: Git, tree: string, { remote }: HandoffChoice): Promise<string> {
  const text = await git.plain(tree, "remote");
  const remotes = text.split("\n").filter((name) => name !== "");
  const chosen = remote ?? (remotes.includes("origin") ? "origin" : remotes.length === 1 ? remotes[0] : undefined);
  if (chosen !== undefined && remotes.includes(chosen)) return chosen;
  const several = chosen === undefined ? "There are several remotes, and none is called origin" : null;
  const why =
    remotes.length === 0 ? "The repository has no remote to push to" : (several ?? `No remote is called "${chosen}"`);
  const hint =
    remotes.length === 0
      ? "Add one (git remote add origin URL), or use --action commit-only"
      : `Name one with --remote: ${remotes.join(", ")}`;
  throw fault("usage", why, hint, { remotes });
}

type Heads = { readonly heads: ReadonlyMap<string, string>; readonly standard: string | null };

/** The remote's branches as they are now, and the one that its HEAD names. */
async function headsOf(git: Git, tree: string, remote: string): Promise<Heads> {
  const asked = ["ls-remote", "--symref", remote, "HEAD", "refs/heads/*"];
  const lines = (await git.plain(tree, ...asked)).split("\n");
  const heads = lines.flatMap((line) => {
    const [, sha = "", name] = /^([0-9a-f]{40,64})\trefs\/heads\/(.+)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, sha] as const];
  });
  const standard = lines.flatMap((line) => /^ref: refs\/heads\/(.+)\tHEAD$/.exec(line)?.[1] ?? [])[0] ?? null;
  return { heads: new Map(heads), standard };
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Pushes the commit to the hand-off branch. Throws `branch-taken` when that branch has commits that this one has not. */
export async function push(run: Run, { remote, branch }: Target, commit: string): Promise<CommandRun> {
  const { clock } = run.world.host;
  const tree = run.manifest.worktree.path;
  const there = (await headsOf(run.world.host.git, tree, remote)).heads.get(branch);
  if (there !== undefined && !(await holds(run, there, commit))) throw moved(run, remote, branch, there);
  const args = ["push", "--no-follow-tags", remote, `${commit}:refs/heads/${branch}`];
  const began = clock.now();
  // A remote that is set up as a mirror would be pushed to by force.
  const hooked = await hookedHost(run, tree);
  try {
    await hooked.git.plain(tree, "-c", `remote.${remote}.mirror=false`, ...args);
  } finally {
    await tellRefused(run, "a hook of the push");
  }
  return {
    name: "push",
    command: `git ${args.map(shellWord).join(" ")}`,
    at: nowOf(run.world),
    commit,
    exitCode: 0,
    outcome: "passed",
    durationMs: clock.now() - began,
    log: "",
    sandbox: "the engine's own git call",
  };
}

/** A commit that is not here holds something that this work has not. */
async function holds(run: Run, there: string, commit: string): Promise<boolean> {
  const { git } = run.world.host;
  const tree = run.manifest.worktree.path;
  try {
    return await git.isAncestor(tree, there, commit);
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.failure.reason === "git-failed") return false;
    throw thrown;
  }
}

const moved = (run: Run, remote: string, branch: string, there: string) =>
  fault(
    "branch-taken",
    `${branch} on ${remote} is at ${there.slice(0, 12)}, which is not part of this work, and okstra never forces a push`,
    `If nobody needs it there: git push ${remote} --delete ${branch}; then hand over again: okstra handoff ${shellWord(run.task.key)} --action commit-pr`,
    { remote, branch, commit: there },
  );
