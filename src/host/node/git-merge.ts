/**
 * Merging. What must stay true: after anything but `merged` the tree is as it was before; the project's hooks run as in any
 * merge, and one that fails is told apart from a conflict by the index (no unmerged entries), not by what was printed.
 */
import type { Git, MergeOutcome } from "../git.ts";
import { isDiskFull } from "./disk-full.ts";
import { type GitAsk, type GitCaller, gitFault } from "./git-call.ts";
import { identityEnvironment } from "./git-identity.ts";
import { parts } from "./git-output.ts";
import { gitRefs } from "./git-refs.ts";

type Merge = Pick<Git, "probeMerge" | "merge" | "abortMerge">;

/** Hooks may run a project's tests; one that waits for an answer must not hold the task's lock for ever. */
export const longestMergeMs = 15 * 60_000;

export function gitMerge(git: GitCaller, identity: Git["identity"]): Merge {
  return {
    async probeMerge(repository, ours, theirs) {
      const args = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs];
      const seen = await git.must({ at: repository, args }, [1]);
      const [tree = "", ...files] = parts(seen.stdout);
      return seen.exitCode === 0 ? { clean: true, tree } : { clean: false, files: [...new Set(files)].sort() };
    },
    merge: async (tree, commit, message) =>
      merge(git, tree, ["-m", message, commit], identityEnvironment(await identity(tree))),
    abortMerge: (tree) => abortMerge(git, tree),
  };
}

async function merge(
  git: GitCaller,
  tree: string,
  given: readonly string[],
  env: Record<string, string>,
): Promise<MergeOutcome> {
  const before = await headOf(git, tree);
  const wasClean = await isClean(git, tree);
  const flags = [
    "--no-ff",
    "--commit",
    "--no-squash",
    "--no-edit",
    "--no-log",
    "--no-autostash",
    "--no-rerere-autoupdate",
  ];
  const args = ["merge", ...flags, "--cleanup=whitespace", "--no-progress", ...given];
  const seen = await git.call({ at: tree, args, env, timeoutMs: longestMergeMs });
  const after = await headOf(git, tree);
  // Merged is what has a commit, also when git was ended in a hook that runs after it.
  if (after !== before) return { did: "merged", commit: after };
  if (seen.exitCode === 0) return { did: "nothing", commit: before };
  const files = await unmerged(git, tree);
  await restore(git, { tree, before, wasClean });
  if (files.length > 0) return { did: "conflict", files };
  // Want of space is nothing that a person could settle in the merge.
  if (isDiskFull(tree, seen.stderr)) throw gitFault({ at: tree, args }, seen);
  return { did: "refused", message: said(seen) };
}

/** A hook speaks on either stream; git itself on stderr. */
export function said(seen: { stdout: Buffer; stderr: string; exitCode: number }): string {
  const text = [seen.stderr.trim(), seen.stdout.toString("utf8").trim()].filter((part) => part !== "").join("\n");
  return text === "" ? `git merge ended with exit code ${seen.exitCode}` : text.slice(0, 4000);
}

async function restore(git: GitCaller, from: { tree: string; before: string; wasClean: boolean }): Promise<void> {
  if (await isMerging(git, from.tree)) {
    const ask: GitAsk = { at: from.tree, args: ["merge", "--abort"] };
    const seen = await git.call(ask);
    // A hook that wrote to tracked files makes the abort fail; when nothing of the user's was there, all can go.
    if (seen.exitCode !== 0 && !from.wasClean) throw gitFault(ask, seen);
  }
  if (from.wasClean && !(await isClean(git, from.tree))) {
    await git.must({ at: from.tree, args: ["reset", "--hard", "--quiet", from.before] });
  }
}

async function abortMerge(git: GitCaller, tree: string): Promise<boolean> {
  if (!(await isMerging(git, tree))) return false;
  await git.must({ at: tree, args: ["merge", "--abort"] });
  return true;
}

async function isMerging(git: GitCaller, tree: string): Promise<boolean> {
  const args = ["rev-parse", "--verify", "--quiet", "MERGE_HEAD"];
  return (await git.must({ at: tree, args, reads: true }, [1])).exitCode === 0;
}

/** Whether tracked files and index are as in HEAD. */
async function isClean(git: GitCaller, tree: string): Promise<boolean> {
  const args = ["status", "--porcelain", "-z", "--untracked-files=no", "--ignore-submodules=none"];
  return (await git.must({ at: tree, args, reads: true })).stdout.length === 0;
}

export async function unmerged(git: GitCaller, tree: string): Promise<string[]> {
  const args = ["diff", "--name-only", "--diff-filter=U", "-z", "--no-ext-diff", "--no-relative"];
  return [...new Set(parts((await git.must({ at: tree, args, reads: true })).stdout))].sort();
}

export async function headOf(git: GitCaller, tree: string): Promise<string> {
  const head = await gitRefs(git).resolve(tree, "HEAD");
  if (head === undefined)
    throw gitFault({ at: tree, args: ["merge"] }, { exitCode: 128, stderr: "the worktree has no commit" });
  return head;
}
