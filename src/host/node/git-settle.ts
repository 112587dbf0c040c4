/**
 * A merge that somebody settles: begun, left with its conflicts, concluded when git has been told that all are settled. Hooks run
 * as in any merge; what they refuse leaves the merge as it was.
 */
import type { Git, MergeOutcome } from "../git.ts";
import { type GitAsk, type GitCaller, gitFault } from "./git-call.ts";
import { identityEnvironment } from "./git-identity.ts";
import { headOf, longestMergeMs, said, unmerged } from "./git-merge.ts";

type Settle = Pick<Git, "beginMerge" | "unsettled" | "concludeMerge" | "fastForward">;

export function gitSettle(git: GitCaller, identity: Git["identity"]): Settle {
  /** Done when the tree has another commit afterwards, whatever the exit code says: a hook that runs later may have failed. */
  const moving = async (tree: string, args: readonly string[], env: Record<string, string>): Promise<MergeOutcome> => {
    const before = await headOf(git, tree);
    const seen = await git.call({ at: tree, args, env, timeoutMs: longestMergeMs });
    const after = await headOf(git, tree);
    if (after !== before) return { did: "merged", commit: after };
    return seen.exitCode === 0 ? { did: "nothing", commit: before } : { did: "refused", message: said(seen) };
  };
  return {
    async beginMerge(tree, commit) {
      const flags = [
        "--no-ff",
        "--no-commit",
        "--no-squash",
        "--no-autostash",
        "--no-rerere-autoupdate",
        "--no-progress",
      ];
      const env = identityEnvironment(await identity(tree));
      const ask: GitAsk = { at: tree, args: ["merge", ...flags, commit], env, timeoutMs: longestMergeMs };
      const seen = await git.call(ask);
      const files = await unmerged(git, tree);
      if (seen.exitCode !== 0 && files.length === 0) throw gitFault(ask, seen);
      return files;
    },
    unsettled: (tree) => unmerged(git, tree),
    concludeMerge: async (tree, message) =>
      moving(
        tree,
        ["commit", "--quiet", "--cleanup=whitespace", "-m", message],
        identityEnvironment(await identity(tree)),
      ),
    fastForward: (tree, commit) => moving(tree, ["merge", "--ff-only", "--no-autostash", "--no-progress", commit], {}),
  };
}
