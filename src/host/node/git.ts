/**
 * Git, for real: plain git, one small file per kind of work. Needs git 2.38 (merge-tree --write-tree), which is checked where
 * everybody begins, at `repository`, whenever git is asked there.
 */
import type { Git } from "../git.ts";
import { type GitCaller, gitCaller, gitMissing, withHooks } from "./git-call.ts";
import { gitCommits } from "./git-commits.ts";
import { gitContent } from "./git-content.ts";
import { gitIdentity } from "./git-identity.ts";
import { gitMerge } from "./git-merge.ts";
import { gitRefs } from "./git-refs.ts";
import { gitRepository, type OwnVersion } from "./git-repository.ts";
import { gitSettle } from "./git-settle.ts";
import { gitSnapshot } from "./git-snapshot.ts";
import { gitTrees } from "./git-trees.ts";

export type GitOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Added to the environment; asked for at the first call, since it costs a look at the process table. */
  readonly mark?: () => Readonly<Record<string, string>>;
  readonly cores: number;
  readonly temporaryFolder: string;
};

export const nodeGit = (options: GitOptions): Git => gitBy(gitCaller(options.env, options.mark), options);

function gitBy(caller: GitCaller, options: GitOptions): Git {
  const identity = gitIdentity(caller, options.env);
  return {
    version: () => version(caller),
    repository: gitRepository(caller, (said) => requireVersion(caller, said)),
    ...gitRefs(caller),
    ...gitTrees(caller, options.cores),
    ...gitMerge(caller, identity),
    ...gitSettle(caller, identity),
    ...gitCommits(caller, identity),
    ...gitContent(caller),
    ...gitSnapshot(caller, options.temporaryFolder),
    hooked: async (folder) => gitBy(withHooks(caller, folder), options),
    identity,
    plain: async (cwd, ...args) => (await caller.must({ at: cwd, args })).stdout.toString("utf8"),
  };
}

const least = { major: 2, minor: 38 };

async function requireVersion(caller: GitCaller, said: OwnVersion): Promise<void> {
  const seen = said === undefined ? await version(caller) : parseVersion(`git version ${said}`);
  if (seen === undefined) throw gitMissing("git is not on the PATH");
  if (seen.major > least.major || (seen.major === least.major && seen.minor >= least.minor)) return;
  throw gitMissing(`git is too old: ${seen.text}; okstra needs ${least.major}.${least.minor}`);
}

async function version(caller: GitCaller): ReturnType<Git["version"]> {
  try {
    const { stdout } = await caller.must({ at: "/", args: ["version"], reads: true });
    return parseVersion(stdout.toString("utf8"));
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  }
}

const isMissing = (thrown: unknown): boolean =>
  thrown instanceof Error && "failure" in thrown && (thrown.failure as { reason?: unknown }).reason === "git-missing";

/** `git version 2.39.5 (Apple Git-154)` and the like. */
export function parseVersion(text: string): { major: number; minor: number; text: string } {
  const seen = /(\d+)\.(\d+)/.exec(text);
  return { major: Number(seen?.[1] ?? 0), minor: Number(seen?.[2] ?? 0), text: text.trim() };
}
