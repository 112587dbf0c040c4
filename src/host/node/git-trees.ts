/** Linked worktrees: metadata and filling apart, since only the first races with itself. */
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Git, TreeAt } from "../git.ts";
import { codeOf } from "./errno.ts";
import type { GitCaller } from "./git-call.ts";
import { gitFolders } from "./git-layout.ts";

type Trees = Pick<Git, "trees" | "addTree" | "fillTree" | "forgetTree" | "pruneTrees">;

export function gitTrees(git: GitCaller, cores: number): Trees {
  let filling = 0;
  return {
    trees: (repository) => listedTrees(git, repository),
    async addTree(repository, tree) {
      await git.must({
        at: repository,
        args: ["worktree", "add", "--no-checkout", ...startOf(tree)],
        // An absolute path, whatever the user's git prefers: trees are moved aside when they are removed.
        config: ["worktree.useRelativePaths=false", "worktree.guessRemote=false"],
      });
    },
    // reset rather than checkout: no post-checkout hook of the project can break or slow the filling.
    async fillTree(path) {
      filling += 1;
      try {
        await git.must({
          at: path,
          args: ["reset", "--hard", "--quiet", "--no-recurse-submodules", "HEAD"],
          config: [...workersFor(cores / filling), "submodule.recurse=false", "advice.resetNoRefresh=false"],
        });
      } finally {
        filling -= 1;
      }
    },
    async forgetTree(repository, path) {
      const known = (await listedTrees(git, repository)).find(
        (tree) => tree.path === path || tree.path === realEvenIfGone(path),
      );
      if (known === undefined) return;
      if (existsSync(known.path)) throw new Error(`the folder of ${known.path} is still there`);
      // Twice, since an add that was killed leaves its tree locked.
      await git.must({ at: repository, args: ["worktree", "remove", "--force", "--force", "--", known.path] });
    },
    async pruneTrees(repository) {
      await git.must({ at: repository, args: ["worktree", "prune", "--expire=now"] });
    },
  };
}

/**
 * How git shares the filling of one tree among processes of its own: as many as there are cores for it, none beside itself where
 * trees that are filled at the same time have the others (each would unpack again what they have in common), and none where
 * starting them takes longer than the files do.
 */
const workersFor = (cores: number): string[] => [
  `checkout.workers=${Math.max(1, Math.floor(cores))}`,
  "checkout.thresholdForParallelism=1000",
];

/**
 * The worktrees that git lists, the main one first. While another git makes a worktree, its entry is there and not yet whole, which
 * is fatal to whoever lists them meanwhile: such an entry is waited for, for a second at most, and git is asked again.
 */
export async function listedTrees(git: GitCaller, at: string): Promise<TreeAt[]> {
  const ask = { at, args: ["worktree", "list", "--porcelain", "-z"], reads: true };
  const until = performance.now() + 1000;
  for (let asked = 0; asked < 3; asked += 1) {
    const { exitCode, stdout } = await git.call(ask);
    if (exitCode === 0) return parseTrees(stdout.toString("utf8"));
    while (performance.now() < until && hasHalfMade(at)) await pause(5);
  }
  return parseTrees((await git.must(ask)).stdout.toString("utf8"));
}

/** Git makes the folder of an entry first and writes `commondir` into it later. */
function hasHalfMade(at: string): boolean {
  const common = gitFolders(basename(at) === ".git" ? dirname(at) : at)?.common;
  if (common === undefined) return false;
  const entries = join(common, "worktrees");
  if (!existsSync(entries)) return false;
  return readdirSync(entries).some((name) => {
    const file = statSync(join(entries, name, "commondir"), { throwIfNoEntry: false });
    return file === undefined || file.size === 0;
  });
}

function startOf(tree: Parameters<Git["addTree"]>[1]): string[] {
  if (tree.branch === null) return ["--detach", "--", tree.path, tree.commit];
  if (tree.existing === true) return ["--", tree.path, tree.branch];
  return ["--no-track", "-b", tree.branch, "--", tree.path, tree.commit];
}

/** The path with links resolved as far as it exists: git lists real paths. */
function realEvenIfGone(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT" || path === dirname(path)) throw thrown;
    return join(realEvenIfGone(dirname(path)), basename(path));
  }
}

/** `worktree list --porcelain -z`: lines end with NUL, an empty line ends an entry. The main worktree comes first. */
function parseTrees(text: string): TreeAt[] {
  return text.split("\0\0").flatMap((block) => {
    const fields = new Map(block.split("\0").map((line) => halves(line)));
    const path = fields.get("worktree");
    if (path === undefined) return [];
    const commit = fields.get("HEAD");
    const branch = fields.get("branch");
    return [
      {
        path,
        commit: commit === undefined || /^0+$/.test(commit) ? null : commit,
        branch: branch === undefined ? null : branch.replace(/^refs\/heads\//, ""),
        locked: fields.has("locked"),
        prunable: fields.has("prunable"),
      },
    ];
  });
}

function halves(line: string): [string, string] {
  const at = line.indexOf(" ");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}
