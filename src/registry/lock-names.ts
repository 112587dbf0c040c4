/** The names of okstra's locks, and holding one for the length of a body. Ranks are taken downwards only (host/locks.ts). */
import { createHash } from "node:crypto";
import type { Host, LockName } from "../host/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import type { RunRef, TaskKey } from "../model/index.ts";

export const runLock = (home: string, run: RunRef): LockName => ({ rank: "run", path: homePaths(home).locks.run(run) });
/** Held by whoever makes a task's worktree, while it is filled. */
export const treeLock = (home: string, key: TaskKey): LockName => ({ rank: "tree", path: homePaths(home).locks.tree(key) });
export const taskLock = (home: string, key: TaskKey): LockName => ({ rank: "task", path: homePaths(home).locks.task(key) });
export const ledgerLock = (home: string, key: TaskKey): LockName => ({ rank: "ledger", path: homePaths(home).locks.ledger(key) });
export const registryLock = (home: string): LockName => ({ rank: "registry", path: homePaths(home).locks.registry });
export const homeLock = (home: string): LockName => ({ rank: "home", path: homePaths(home).locks.home });
export const projectLock = (home: string, projectId: string): LockName => ({ rank: "project", path: homePaths(home).locks.project(projectId) });

/** One per repository, by its common git folder, since one repository may be registered twice. */
export const repositoryLock = (home: string, commonDir: string): LockName => ({
  rank: "repository",
  path: homePaths(home).locks.repository(createHash("sha256").update(commonDir).digest("hex").slice(0, 16)),
});

export type Waiting = { readonly onWait?: (owner: string) => void; readonly signal?: AbortSignal };

/** Holds the lock while `body` runs, also when it fails. */
export async function withLock<T>(host: Host, name: LockName, purpose: string, body: () => Promise<T>, waiting: Waiting = {}): Promise<T> {
  await using _lock = await host.locks.acquire(name, purpose, waiting);
  return await body();
}
