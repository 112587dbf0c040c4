/**
 * Locks that the kernel frees when their holder dies. Ranks are taken downwards only: run, tree (who makes a task's first worktree),
 * agent (a place among the agents of this machine), budget, task, repository, project, registry, ledger, home. Taking one above
 * what the present flow of control holds is a bug and throws.
 */
import type { Spawned } from "./processes.ts";

export type LockRank =
  | "run"
  | "tree"
  | "agent"
  | "budget"
  | "task"
  | "repository"
  | "project"
  | "registry"
  | "ledger"
  | "home";

export type LockName = { readonly rank: LockRank; readonly path: string };

/** `release` may be called again; only the first call does something. */
export type Lock = AsyncDisposable & { release(): Promise<void> };

export type Locks = {
  /**
   * Waits until the lock is held. `purpose` stands in the owner record for those who wait; `onWait` is called once with the
   * present owner when the wait exceeds a moment. An aborted signal throws a fault `interrupted`.
   */
  acquire(
    name: LockName,
    purpose: string,
    options?: { onWait?: (owner: string) => void; signal?: AbortSignal },
  ): Promise<Lock>;
  /** Waits for the lock, runs the body under it, and gives it back however the body ends. Prefer this to `acquire`. */
  hold<T>(
    name: LockName,
    purpose: string,
    body: () => Promise<T>,
    options?: { onWait?: (owner: string) => void; signal?: AbortSignal },
  ): Promise<T>;
  /** The lock if it is free now, else undefined. */
  tryAcquire(name: LockName, purpose: string): Promise<Lock | undefined>;
  /** Who holds the lock, as its owner record says, or undefined when it is free. Never waits. */
  owner(name: LockName): Promise<string | undefined>;
  /** The process that holds the lock and what for, or undefined when it is free. Never waits. */
  holder(name: LockName): Promise<(Spawned & { readonly purpose: string }) | undefined>;
  /** `flock`, or `link` where the kernel lock cannot be loaded. */
  readonly kind: "flock" | "link";
};
