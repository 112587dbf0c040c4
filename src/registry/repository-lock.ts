/** The lock of a repository, apart from the others because only it needs a hash. */
import { createHash } from "node:crypto";
import type { LockName } from "../host/index.ts";
import { homePaths } from "../lifecycle/index.ts";

/** Guards a repository's worktree and ref metadata; by its common git folder, since one repository may be registered twice. */
export const repositoryLock = (home: string, commonDir: string): LockName => ({
  rank: "repository",
  path: homePaths(home).locks.repository(createHash("sha256").update(commonDir).digest("hex").slice(0, 16)),
});
