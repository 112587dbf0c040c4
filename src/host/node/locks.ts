/**
 * Locks, for real: turns inside the process, then the kernel's lock (or its stand-in), then the owner record. What must
 * stay true: one holder at a time over all processes and flows; a dead holder blocks nobody; whoever gives up a wait gets
 * its answer at once, and a lock that arrives later is freed unseen.
 */
import { type Fault, fault } from "../../model/index.ts";
import type { Lock, LockName, LockRank, Locks } from "../locks.ts";
import type { LockBackend, Taken } from "./lock-backend.ts";
import { flockBackend } from "./lock-flock.ts";
import { linkBackend } from "./lock-link.ts";
import { assertOrder, holding } from "./lock-order.ts";
import { holderOf, ownerOf, writeOwner, writeOwnerLater } from "./lock-owner.ts";
import { isTaken, type Turn, takeTurn } from "./lock-turn.ts";
import { loadNative } from "./native.ts";

type Options = Parameters<Locks["acquire"]>[2];

/** Held for the change of one file: who has them is worth a record only when that takes longer than a turn of the loop. */
const momentary: ReadonlySet<LockRank> = new Set<LockRank>(["budget", "project", "registry", "ledger", "home"]);

/** After this long a wait is worth telling. */
const momentMs = 150;

export function nodeLocks(wanted?: "flock" | "link"): Locks {
  let chosen: { kind: "flock" | "link"; backend: LockBackend } | undefined;
  const choose = () => {
    chosen ??= chooseBackend(wanted);
    return chosen;
  };
  const acquire = (name: LockName, purpose: string, options?: Options): Held | Promise<Held> =>
    take(choose().backend, name, purpose, options);
  return {
    get kind() {
      return wanted ?? choose().kind;
    },
    async acquire(name, purpose, options) {
      return acquire(name, purpose, options);
    },
    async hold(name, purpose, body, options) {
      const taken = acquire(name, purpose, options);
      const lock = taken instanceof Promise ? await taken : taken;
      try {
        return await holding(name, body);
      } finally {
        lock.free();
      }
    },
    async tryAcquire(name, purpose) {
      assertOrder(name);
      if (isTaken(name.path)) return undefined;
      const turn = takeTurn(name.path);
      const held = takenNow(choose().backend, name, purpose, turn);
      if (held === undefined) turn.leave();
      return held;
    },
    owner: async (name) => ownerOf(name.path),
    holder: async (name) => holderOf(name.path),
  };
}

/**
 * Ends the process now, also while a thread waits for a lock (see prepareExit in lock-flock.ts): write all output before.
 * A process that only runs out of work would wait for such a thread.
 */
export function exitNow(code: number): never {
  process.exit(code);
}

function chooseBackend(wanted: "flock" | "link" | undefined): { kind: "flock" | "link"; backend: LockBackend } {
  if (wanted === "link") return { kind: "link", backend: linkBackend };
  const loaded = loadNative();
  if ("native" in loaded) return { kind: "flock", backend: flockBackend(loaded.native) };
  if (wanted === undefined) return { kind: "link", backend: linkBackend };
  throw fault(
    "lock-kind",
    "The home uses kernel locks (flock), and the module that makes them (koffi) cannot be loaded here",
    "Install okstra again with its optional dependencies: npm install -g okstra --include=optional",
    { wanted },
    loaded.cause,
  );
}

/**
 * No promise where the lock is free: most often it is, and what is taken and freed within one turn of the loop is held for less
 * time than the promises would take.
 */
function take(backend: LockBackend, name: LockName, purpose: string, options: Options): Held | Promise<Held> {
  assertOrder(name);
  if (options?.signal?.aborted) throw interrupted(name);
  const turn = takeTurn(name.path);
  const held = turn.atOnce ? takenNow(backend, name, purpose, turn) : undefined;
  return held ?? takeLater(backend, name, { purpose, options, turn });
}

/** The lock if it is free in the kernel; the turn is given on when that cannot be told. */
function takenNow(backend: LockBackend, name: LockName, purpose: string, turn: Turn): Held | undefined {
  try {
    const taken = backend.tryTake(name.path);
    return taken === undefined ? undefined : heldLock(name, purpose, taken, turn);
  } catch (thrown) {
    turn.leave();
    throw thrown;
  }
}

type Later = { readonly purpose: string; readonly options: Options; readonly turn: Turn };

async function takeLater(backend: LockBackend, name: LockName, { purpose, options, turn }: Later): Promise<Held> {
  const stopTelling = tellWhenLong(name, options?.onWait);
  try {
    if (!turn.atOnce) await orAborted(turn.granted, name, options?.signal);
    const free = turn.atOnce ? undefined : backend.tryTake(name.path);
    return heldLock(name, purpose, free ?? (await waitFor(backend, name, options?.signal)), turn);
  } catch (thrown) {
    turn.leave();
    throw thrown;
  } finally {
    stopTelling();
  }
}

async function waitFor(backend: LockBackend, name: LockName, signal: AbortSignal | undefined): Promise<Taken> {
  const wait = { abandoned: false };
  const pending = backend.wait(name.path, wait);
  try {
    const taken = await orAborted(pending, name, signal);
    if (taken === undefined) throw new Error(`the wait for ${name.path} ended without a lock`);
    return taken;
  } catch (thrown) {
    wait.abandoned = true;
    // What still arrives is freed; a failure of an abandoned wait has nobody left to concern.
    pending.then(
      (late) => late?.free(),
      () => undefined,
    );
    throw thrown;
  }
}

/** `free`: gives the lock back at once, as `release` does. */
type Held = Lock & { free(): void };

function heldLock(name: LockName, purpose: string, taken: Taken, turn: Turn): Held {
  let blankOwner: () => void;
  try {
    blankOwner = (momentary.has(name.rank) ? writeOwnerLater : writeOwner)(name.path, purpose, taken.fresh);
  } catch (thrown) {
    taken.free();
    throw thrown;
  }
  let released = false;
  const free = (): void => {
    if (released) return;
    released = true;
    try {
      blankOwner();
    } finally {
      taken.free();
      turn.leave();
    }
  };
  const release = async (): Promise<void> => free();
  return { free, release, [Symbol.asyncDispose]: release };
}

function tellWhenLong(name: LockName, onWait: ((owner: string) => void) | undefined): () => void {
  if (onWait === undefined) return () => undefined;
  const timer = setTimeout(() => onWait(ownerOf(name.path) ?? "another process"), momentMs);
  return () => clearTimeout(timer);
}

function orAborted<T>(work: Promise<T>, name: LockName, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise<T>((settle, fail) => {
    const abort = (): void => fail(interrupted(name));
    signal.addEventListener("abort", abort, { once: true });
    work.then(settle, fail).finally(() => signal.removeEventListener("abort", abort));
  });
}

const interrupted = (name: LockName): Fault =>
  fault(
    "interrupted",
    `Stopped while waiting for the ${name.rank} lock`,
    "Run the command again; nothing was changed",
    { lock: name.path },
  );
