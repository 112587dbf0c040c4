/**
 * The kernel's own lock: flock on a file that is never unlinked. The kernel frees it when its holder dies, however it dies.
 * Node opens files close-on-exec, and a release unlocks before it closes, so a child never keeps a lock.
 *
 * Waiting: a few tries, then a blocking call in the thread pool, at most two at a time in this process so that file work
 * never starves. Who finds both threads taken polls meanwhile; without that, a flow that holds a lock others wait for could
 * itself wait for a thread that only its release would free. SA_RESTART is not relied on: an interrupted call is repeated.
 */
import { constants as os } from "node:os";
import { setTimeout as pause, setImmediate as turnOfLoop } from "node:timers/promises";
import { fileFault } from "./errno.ts";
import { borrow, discard, giveBack, isStill, type KeptFile } from "./kept-files.ts";
import type { LockBackend, Taken, Wait } from "./lock-backend.ts";
import type { Native } from "./native.ts";

const exclusive = 2;
const noWait = 4;
const unlock = 8;

const mostThreads = 2;
const pollMs = 4;
let threadsTaken = 0;
let exitPrepared = false;

/** How many threads of this process are blocked in a lock wait now. */
export const threadsWaiting = (): number => threadsTaken;

export function flockBackend(native: Native): LockBackend {
  return {
    tryTake: (path) => tryTake(native, path),
    async wait(path, wait) {
      for (let attempt = 0; attempt < 3; attempt += 1) {
        await turnOfLoop();
        const taken = wait.abandoned ? undefined : tryTake(native, path);
        if (taken !== undefined || wait.abandoned) return taken;
      }
      return waitLong(native, path, wait);
    },
  };
}

async function waitLong(native: Native, path: string, wait: Wait): Promise<Taken | undefined> {
  while (!wait.abandoned) {
    const taken = threadsTaken < mostThreads ? await waitInThread(native, path) : tryTake(native, path);
    if (taken !== undefined) return taken;
    if (threadsTaken >= mostThreads) await pause(pollMs);
  }
  return undefined;
}

function tryTake(native: Native, path: string): Taken | undefined {
  for (;;) {
    const file = openLock(path);
    const failed = native.flock(file.fd, exclusive | noWait) === 0 ? 0 : native.errno();
    const settled = settle(native, { path, file, failed });
    if (settled !== "again") return settled;
  }
}

/**
 * A thread blocked in a lock wait cannot be called off, and Node would wait for it at its exit, for as long as the lock is
 * held: the kernel's own exit, as the last thing Node does, ends both. (In a worker it would end all the others too.)
 */
function prepareExit(native: Native): void {
  // Taken here: an import would cost each start a millisecond, and few processes ever wait.
  if (exitPrepared || !process.getBuiltinModule("node:worker_threads").isMainThread) return;
  exitPrepared = true;
  process.on("exit", (code) => {
    if (threadsTaken > 0) native.exit(code);
  });
}

async function waitInThread(native: Native, path: string): Promise<Taken | undefined> {
  prepareExit(native);
  const file = openLock(path);
  threadsTaken += 1;
  try {
    const failed = await new Promise<number>((done) => native.flockLater(file.fd, exclusive, done));
    const settled = settle(native, { path, file, failed });
    return settled === "again" ? undefined : settled;
  } finally {
    threadsTaken -= 1;
  }
}

/** The lock taken; undefined when it is another's; or `again` when the call was interrupted or the file is not the lock. */
function settle(native: Native, tried: { path: string; file: KeptFile; failed: number }): Taken | undefined | "again" {
  const { path, file, failed } = tried;
  if (failed === 0 && isStill(path, file)) return { fresh: file.fresh, free: () => free(native, path, file) };
  if (failed === os.errno.EWOULDBLOCK) {
    giveBack(path, file);
    return undefined;
  }
  // Closing frees a lock on a file that was deleted or moved.
  discard(file);
  if (failed === 0 || failed === os.errno.EINTR) return "again";
  const thrown = Object.assign(new Error(`flock failed with error number ${failed}`), { code: `E${failed}` });
  throw fileFault(thrown, "lock", path);
}

/** Unlocked before it is given back or closed: a child being started holds a copy until it runs its program. */
function free(native: Native, path: string, file: KeptFile): void {
  native.flock(file.fd, unlock);
  giveBack(path, file);
}

function openLock(path: string): KeptFile {
  try {
    return borrow(path);
  } catch (thrown) {
    throw fileFault(thrown, "open lock", path);
  }
}
