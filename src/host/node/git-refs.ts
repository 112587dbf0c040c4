/** Names and commits. */
import type { Git } from "../git.ts";
import { type GitAsk, type GitCaller, gitFault } from "./git-call.ts";
import { plainBranch, plainHead, plainlyFree, plainlyNotMerging } from "./git-layout.ts";
import { plainCommit, plainlyDescends } from "./git-objects.ts";
import { lines } from "./git-output.ts";

type Refs = Pick<Git, "resolve" | "head" | "refs" | "deleteBranch" | "setRef" | "isAncestor" | "mergeBase">;

export function gitRefs(git: GitCaller): Refs {
  const resolve: Git["resolve"] = async (repository, expression) => {
    const branch = /^refs\/heads\/([^^]+)(\^\{commit\})*$/.exec(expression)?.[1];
    const plain = branch === undefined ? undefined : plainBranch(repository, branch);
    if (plain !== undefined) return plain ?? undefined;
    if (expression === "MERGE_HEAD" && plainlyNotMerging(repository)) return undefined;
    const commit = plainCommit(repository, expression.replace(/(\^\{commit\})+$/, ""));
    if (commit !== undefined) return commit;
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${expression}^{commit}`];
    const seen = await git.call({ at: repository, args, reads: true });
    if (seen.exitCode === 0) return seen.stdout.toString("utf8").trim();
    if (seen.exitCode !== 1) await assertRepository(git, repository);
    return undefined;
  };
  return {
    resolve,
    head: async (tree) => plainHead(tree) ?? (await head(git, tree)),
    async refs(repository, prefix) {
      const branch = /^refs\/heads\/(.+)$/.exec(prefix)?.[1];
      if (branch !== undefined && plainlyFree(repository, branch)) return [];
      const format = "%(objectname) %(*objectname) %(refname)";
      const seen = await git.must({
        at: repository,
        args: ["for-each-ref", `--format=${format}`, prefix],
        reads: true,
      });
      return lines(seen.stdout).map((line) => {
        const [object = "", peeled = "", ref = ""] = line.split(" ");
        return { ref, commit: peeled === "" ? object : peeled };
      });
    },
    deleteBranch: (repository, branch, commit) =>
      update(git, repository, `refs/heads/${branch}`, ["-d", `refs/heads/${branch}`, commit], commit),
    setRef: (repository, ref, commit, expected) =>
      update(git, repository, ref, expected === undefined ? [ref, commit] : [ref, commit, expected], expected),
    async isAncestor(repository, ancestor, descendant) {
      const plain = plainlyDescends(repository, ancestor, descendant);
      if (plain !== undefined) return plain;
      const args = ["merge-base", "--is-ancestor", ancestor, descendant];
      return (await git.must({ at: repository, args, reads: true }, [1])).exitCode === 0;
    },
    async mergeBase(repository, a, b) {
      const seen = await git.must({ at: repository, args: ["merge-base", a, b], reads: true }, [1]);
      return seen.exitCode === 0 ? seen.stdout.toString("utf8").trim() : undefined;
    },
  };
}

async function head(git: GitCaller, tree: string): ReturnType<Git["head"]> {
  const args = ["rev-parse", "--quiet", "HEAD^{commit}", "--symbolic-full-name", "HEAD"];
  const seen = await git.call({ at: tree, args, reads: true });
  if (seen.exitCode !== 0) {
    // No commit yet, or no repository at all; only the second is a failure.
    await assertRepository(git, tree);
    return undefined;
  }
  const [commit = "", ref = ""] = lines(seen.stdout);
  return { commit, branch: ref.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : null };
}

/** A name git cannot make sense of and a folder that is no repository have the same exit code. */
async function assertRepository(git: GitCaller, folder: string): Promise<void> {
  await git.must({ at: folder, args: ["rev-parse", "--git-dir"], reads: true });
}

/** False when the ref is not where it was expected to be; any other refusal is a fault. */
async function update(
  git: GitCaller,
  repository: string,
  ref: string,
  args: readonly string[],
  expected?: string,
): Promise<boolean> {
  const ask: GitAsk = { at: repository, args: ["update-ref", ...args] };
  const seen = await git.call(ask);
  if (seen.exitCode === 0) return true;
  if (expected === undefined) throw gitFault(ask, seen);
  const now = await git.must({ at: repository, args: ["rev-parse", "--verify", "--quiet", ref], reads: true }, [1]);
  const there = now.exitCode === 0 ? now.stdout.toString("utf8").trim() : "";
  if (there !== expected) return false;
  throw gitFault(ask, seen);
}
