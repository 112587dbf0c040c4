/** Commits: reading them with their trailers, and making one of a tree object. */
import type { Commit, Git } from "../git.ts";
import type { GitCaller } from "./git-call.ts";
import { identityEnvironment } from "./git-identity.ts";
import { plainCommit } from "./git-objects.ts";

/** Between a commit and itself there is none. */
const isNothing = (repository: string, from: string, to: string): boolean =>
  from === to && plainCommit(repository, from) !== undefined;

type Commits = Pick<Git, "commits" | "commit" | "commitTree" | "patchIds">;

const format = "%H%x00%P%x00%s%x00%b%x00%(trailers:only,unfold)";
const fieldCount = 5;
/** What the user's settings could change in a patch is fixed. */
const patchFlags = [
  ...["--patch", "--no-merges", "--format=commit %H", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"],
  ...["--full-index", "--no-show-signature", "--no-relative", "--src-prefix=a/", "--dst-prefix=b/", "--unified=3"],
];

export function gitCommits(git: GitCaller, identity: Git["identity"]): Commits {
  const log = async (repository: string, given: readonly string[]): Promise<Commit[]> => {
    const flags = [
      "-z",
      `--format=${format}`,
      "--encoding=UTF-8",
      "--no-show-signature",
      "--no-color",
      "--no-decorate",
      "--no-patch",
    ];
    const seen = await git.must({ at: repository, args: ["log", ...flags, ...given, "--"], reads: true });
    return parseLog(seen.stdout.toString("utf8"));
  };
  return {
    commits: async (repository, from, to) =>
      isNothing(repository, from, to)
        ? []
        : await log(repository, ["--reverse", "--topo-order", "--end-of-options", `${from}..${to}`]),
    async commit(repository, sha) {
      const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${sha}^{commit}`];
      const seen = await git.must({ at: repository, args, reads: true }, [1]);
      if (seen.exitCode !== 0) return undefined;
      return (await log(repository, ["--no-walk", seen.stdout.toString("utf8").trim()]))[0];
    },
    async patchIds(repository, from, to) {
      if (isNothing(repository, from, to)) return [];
      const range = ["--reverse", "--topo-order", "--end-of-options", `${from}..${to}`, "--"];
      const seen = await git.must({ at: repository, args: ["log", ...patchFlags, ...range], reads: true });
      if (seen.stdout.length === 0) return [];
      // A patch holds whatever bytes the files hold; read as Latin-1 each stays one character of its own, so that patches which
      // differ have ids that differ. (The ids are to be compared with each other, not with those that git gives elsewhere.)
      const stdin = seen.stdout.toString("latin1");
      const ids = await git.must({ at: repository, args: ["patch-id", "--stable"], stdin, reads: true });
      const lines = ids.stdout
        .toString("utf8")
        .split("\n")
        .filter((line) => line !== "");
      return lines.map((line) => {
        const [patch = "", commit = ""] = line.split(" ");
        return { commit, patch };
      });
    },
    async commitTree(repository, treeObject, parents, message) {
      const env = identityEnvironment(await identity(repository));
      const args = ["commit-tree", treeObject, ...parents.flatMap((parent) => ["-p", parent]), "-F", "-"];
      return (await git.must({ at: repository, args, stdin: message, env })).stdout.toString("utf8").trim();
    },
  };
}

/** Each commit is five fields, every one ended by NUL. */
export function parseLog(text: string): Commit[] {
  const fields = text.split("\0");
  const commits: Commit[] = [];
  for (let at = 0; at + fieldCount <= fields.length; at += fieldCount) {
    const [sha = "", parents = "", subject = "", body = "", trailers = ""] = fields.slice(at, at + fieldCount);
    commits.push({
      sha,
      parents: parents.split(" ").filter((parent) => parent !== ""),
      subject,
      body: body.trimEnd(),
      trailers: parseTrailers(trailers),
    });
  }
  return commits;
}

/** `Key: value` lines as git unfolds them, keys in lower case. */
export function parseTrailers(text: string): Record<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const seen = /^([^\s:]+)\s*:\s*(.*)$/.exec(line);
    if (seen === null) continue;
    const key = (seen[1] ?? "").toLowerCase();
    found.set(key, [...(found.get(key) ?? []), (seen[2] ?? "").trimEnd()]);
  }
  return Object.fromEntries(found);
}
