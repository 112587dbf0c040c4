/** Which repository a folder lies in. */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Git, Repository } from "../git.ts";
import { type GitCaller, gitFault } from "./git-call.ts";
import { pointerMark } from "./git-layout.ts";
import { listedTrees } from "./git-trees.ts";

/** What a git says of itself while it does something else: `2.39.5`; undefined where it is too old to say it so. */
export type OwnVersion = string | undefined;

/**
 * What git said of a worktree's top folder is kept for as long as its `.git` is the same file or folder. `require` is given the
 * version of the git that was asked, before its answer is looked at.
 */
export function gitRepository(git: GitCaller, require: (version: OwnVersion) => Promise<void>): Git["repository"] {
  const known = new Map<string, { readonly mark: string; readonly repository: Repository }>();
  const ask = asked(git, require);
  return async (folder) => {
    const mark = pointerMark(folder);
    const before = known.get(folder);
    if (before !== undefined && before.mark === mark) return before.repository;
    const repository = await ask(folder);
    if (mark !== undefined && repository?.root === folder) known.set(folder, { mark, repository });
    return repository;
  };
}

function asked(git: GitCaller, require: (version: OwnVersion) => Promise<void>): Git["repository"] {
  return async (folder) => {
    const ask = {
      at: folder,
      args: ["rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir", "--git-dir"],
      reads: true,
      // Its trace begins with its version (api-trace2), which would take a call of its own otherwise.
      env: { GIT_TRACE2_EVENT: "2" },
    };
    const traced = await git.call(ask);
    const { version, stderr } = withoutTrace(traced.stderr);
    const seen = { ...traced, stderr };
    await require(version);
    if (seen.exitCode !== 0) {
      // The same exit code means "no repository" and "a repository git refuses"; the files tell which.
      if (!hasGitAbove(folder)) return undefined;
      throw gitFault(ask, seen);
    }
    const [root = "", commonDir = "", gitDir = ""] = seen.stdout.toString("utf8").split("\n");
    const linked = commonDir !== gitDir;
    return { root, commonDir, linked, mainRoot: linked ? await mainRoot(git, root, commonDir) : root };
  };
}

/** What a git that traced itself said otherwise, and its version. */
function withoutTrace(stderr: string): { readonly version: OwnVersion; readonly stderr: string } {
  const traced = (line: string): boolean => line.startsWith('{"event":"');
  const lines = stderr.split("\n");
  const first = lines.find((line) => line.startsWith('{"event":"version",'));
  const version = /"exe":"([^"]+)"/.exec(first ?? "")?.[1];
  return { version, stderr: lines.filter((line) => !traced(line)).join("\n") };
}

async function mainRoot(git: GitCaller, root: string, commonDir: string): Promise<Repository["mainRoot"]> {
  if (basename(commonDir) === ".git") return dirname(commonDir);
  return (await listedTrees(git, root))[0]?.path ?? root;
}

function hasGitAbove(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return true;
    if (at === dirname(at)) return false;
  }
}
