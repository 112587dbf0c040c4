/**
 * The state of a worktree as a tree object, and putting a worktree back. A snapshot works on a copy of the index, so that
 * neither index nor HEAD of the tree is touched and unchanged files are not read again.
 */
import { copyFileSync, mkdtempSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { Git } from "../git.ts";
import { codeOf, guarded } from "./errno.ts";
import { assertRevision, type GitCaller } from "./git-call.ts";
import { gitFolders } from "./git-layout.ts";

type Snapshot = Pick<Git, "snapshot" | "reset">;

export function gitSnapshot(git: GitCaller, temporaryFolder: string): Snapshot {
  return {
    async snapshot(tree) {
      const folder = await guarded("make folder", temporaryFolder, async () =>
        mkdtempSync(join(temporaryFolder, "okstra-index-")),
      );
      try {
        const index = join(folder, "index");
        await copyIndex(git, tree, index);
        return await snapshot(git, tree, index);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    async reset(tree, commit) {
      assertRevision(commit);
      await git.must({
        at: tree,
        args: ["reset", "--hard", "--quiet", "--no-recurse-submodules", commit],
        config: ["submodule.recurse=false"],
      });
      await git.must({ at: tree, args: ["clean", "-ffdq", "-e", "/.okstra"], config: ["clean.requireForce=true"] });
    },
  };
}

async function snapshot(git: GitCaller, tree: string, index: string): Promise<string> {
  const env = { GIT_INDEX_FILE: index };
  const args = ["add", "--all", "--", ":/", ":(exclude,top).okstra"];
  const config = [
    "core.safecrlf=false",
    "advice.addEmbeddedRepo=false",
    "core.splitIndex=false",
    "add.ignoreErrors=false",
  ];
  // Exit code 1: .okstra is named here and ignored by the project, which git reports after it has added all the rest.
  await git.must({ at: tree, args, env, config }, [1]);
  return (await git.must({ at: tree, args: ["write-tree"], env })).stdout.toString("utf8").trim();
}

async function indexAt(git: GitCaller, tree: string): Promise<string> {
  const args = ["rev-parse", "--path-format=absolute", "--git-path", "index"];
  return (await git.must({ at: tree, args, reads: true })).stdout.toString("utf8").replace(/\n$/, "");
}

/** A missing index (a tree never filled) is an empty one. */
async function copyIndex(git: GitCaller, tree: string, to: string): Promise<void> {
  const folders = gitFolders(tree);
  const from = folders === undefined ? await indexAt(git, tree) : join(folders.own, "index");
  await guarded("copy", from, async () => {
    try {
      copyFileSync(from, to);
      const { atimeMs, mtimeMs } = statSync(from);
      // git trusts an entry's times only when they are older than the index: the copy must not look newer than its model.
      utimesSync(to, atimeMs / 1000, mtimeMs / 1000 - 0.002);
    } catch (thrown) {
      if (codeOf(thrown) !== "ENOENT") throw thrown;
    }
  });
}
