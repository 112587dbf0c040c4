/**
 * The kernel's own lock: flock on a file that is never unlinked. The kernel frees it when its holder dies, however it dies.
 * Node opens files close-on-exec, and a release unlocks before it closes, so a child never keeps a lock.
 *
 * Waiting: a few tries, then a blocking call in the thread pool, at most two at a time in this process so that file work
 * never starves. Who finds both threads taken polls meanwhile; without that, a flow that holds a lock others wait for could
 * itself wait for a thread that only its release would free. SA_RESTART is not relied on: an interrupted call is repeated.
 */
import { closeSync, constants, fstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { constants as os } from "node:os";
import { dirname } from "node:path";
import { setTimeout as pause, setImmediate as turnOfLoop } from "node:timers/promises";
import { codeOf, fileFault } from "./errno.ts";
import type { LockBackend, Taken, Wait } from "./lock-backend.ts";
import type { Native } from "./native.ts";

const exclusive = 2;
const noWait = 4;
const unlock = 8;

const mostThreads = 2;
const pollMs = 4;
let threadsTaken = 0;

/** Whether a native thread of this process is blocked in a lock wait now; such a process cannot exit in the usual way. */
export const isThreadWaiting = (): boolean => threadsTaken > 0;

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
  const fd = openLock(path);
  const failed = native.flock(fd, exclusive | noWait) === 0 ? 0 : native.errno();
  return settle(native, path, fd, failed);
}

async function waitInThread(native: Native, path: string): Promise<Taken | undefined> {
  const fd = openLock(path);
  threadsTaken += 1;
  try {
    const failed = await new Promise<number>((done) => native.flockLater(fd, exclusive, done));
    return settle(native, path, fd, failed);
  } finally {
    threadsTaken -= 1;
  }
}

/** The lock taken, or undefined (with the file closed) when it is another's, or the call was interrupted. */
function settle(native: Native, path: string, fd: number, failed: number): Taken | undefined {
  if (failed === 0 && isStill(fd, path)) return { free: () => free(native, fd) };
  closeSync(fd);
  if (failed === 0 || failed === os.errno.EWOULDBLOCK || failed === os.errno.EINTR) return undefined;
  const thrown = Object.assign(new Error(`flock failed with error number ${failed}`), { code: `E${failed}` });
  throw fileFault(thrown, "lock", path);
}

function free(native: Native, fd: number): void {
  native.flock(fd, unlock);
  closeSync(fd);
}

function openLock(path: string): number {
  const flags = constants.O_RDWR | constants.O_CREAT;
  try {
    try {
      return openSync(path, flags, 0o600);
    } catch (thrown) {
      if (codeOf(thrown) !== "ENOENT") throw thrown;
      mkdirSync(dirname(path), { recursive: true });
      return openSync(path, flags, 0o600);
    }
  } catch (thrown) {
    throw fileFault(thrown, "open lock", path);
  }
}

/** Whether the path still names the locked file; a person may have deleted it, and the next process made a new one. */
function isStill(fd: number, path: string): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  if (now === undefined) return false;
  const held = fstatSync(fd);
  return now.ino === held.ino && now.dev === held.dev;
}
