/** Whose name the engine's commits bear: the repository's identity when it has one, else okstra's own. */
import type { Git, Identity } from "../git.ts";
import type { GitCaller } from "./git-call.ts";
import { parts } from "./git-output.ts";

const ownIdentity: Identity = { name: "okstra", email: "okstra@localhost" };

export function gitIdentity(git: GitCaller, env: Readonly<Record<string, string | undefined>>): Git["identity"] {
  return async (repository) => {
    const args = ["config", "-z", "--get-regexp", "^(user|committer)\\.(name|email)$"];
    const seen = await git.must({ at: repository, args, reads: true }, [1]);
    const found = new Map(
      parts(seen.stdout).map((entry) => {
        const at = entry.indexOf("\n");
        return [entry.slice(0, at).toLowerCase(), entry.slice(at + 1)];
      }),
    );
    const name = env["GIT_COMMITTER_NAME"] || found.get("committer.name") || found.get("user.name");
    const email = env["GIT_COMMITTER_EMAIL"] || found.get("committer.email") || found.get("user.email") || env["EMAIL"];
    return name && email ? { name, email, own: true } : { ...ownIdentity, own: false };
  };
}

/** Environment for a commit of the engine; empty where the repository's own identity holds. */
export const identityEnvironment = (identity: Identity & { own: boolean }): Record<string, string> =>
  identity.own
    ? {}
    : {
        GIT_AUTHOR_NAME: identity.name,
        GIT_AUTHOR_EMAIL: identity.email,
        GIT_COMMITTER_NAME: identity.name,
        GIT_COMMITTER_EMAIL: identity.email,
      };
