/** The locks of a home by what they guard, and the one way to hold one. Ranks and their order: host/locks.ts. */
import type { Host, LockName, Locks } from "../host/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import type { RunRef, TaskKey } from "../model/index.ts";

/** Held for a run's whole life by the process that executes it. */
export const runLock = (home: string, run: RunRef): LockName => ({ rank: "run", path: homePaths(home).locks.run(run) });

/** Held by whoever makes the task's first worktree, while it is filled. */
export const treeLock = (home: string, key: TaskKey): LockName => ({
  rank: "tree",
  path: homePaths(home).locks.tree(key),
});

/** Guards what a task decides: stage choice, sequence numbers, its manifest and clarifications. */
export const taskLock = (home: string, key: TaskKey): LockName => ({
  rank: "task",
  path: homePaths(home).locks.task(key),
});

/** Guards where a project is, its catalog and its latest task. */
export const projectLock = (home: string, projectId: string): LockName => ({
  rank: "project",
  path: homePaths(home).locks.project(projectId),
});

export const registryLock = (home: string): LockName => ({ rank: "registry", path: homePaths(home).locks.registry });

/** Guards a task's stage ledger and carry files. */
export const ledgerLock = (home: string, key: TaskKey): LockName => ({
  rank: "ledger",
  path: homePaths(home).locks.ledger(key),
});

/** Guards the run index and the journal heads; the lowest rank, so it can be taken below any other. */
export const homeLock = (home: string): LockName => ({ rank: "home", path: homePaths(home).locks.home });

/** Held by whoever looks for a place among the agents of this machine; `crowd`: `all`, or a vendor. */
export const agentQueueLock = (home: string, crowd: string): LockName => ({
  rank: "agent",
  path: homePaths(home).locks.agentQueue(crowd),
});

/** Held as long as one agent works. */
export const agentPlaceLock = (home: string, crowd: string, place: number): LockName => ({
  rank: "agent",
  path: homePaths(home).locks.agentPlace(crowd, place),
});

type Waiting = Parameters<Locks["hold"]>[3];

/**
 * Runs the body under the lock and gives what it gives. What the body throws passes through, so inside a room faults work as
 * usual. Waits until the lock is free; `onWait` is told whom for, an aborted `signal` throws `interrupted`.
 */
export const withLock = <T>(
  host: Host,
  name: LockName,
  purpose: string,
  body: () => Promise<T>,
  waiting: Waiting = {},
): Promise<T> => host.locks.hold(name, purpose, body, waiting);
