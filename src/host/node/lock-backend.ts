/** What the two kinds of lock have in common for locks.ts. */
export type Taken = {
  /** The lock was not used by this process just before; what is known of its surroundings may be old. */
  readonly fresh: boolean;
  free(): void;
};

/** Set by the waiter when nobody wants the lock any more; the wait then ends with undefined as soon as it can. */
export type Wait = { abandoned: boolean };

export type LockBackend = {
  /** The lock if it is free now. Never waits. */
  tryTake(path: string): Taken | undefined;
  /** Waits off the event loop until the lock is taken; undefined only when abandoned. */
  wait(path: string, wait: Wait): Promise<Taken | undefined>;
};
