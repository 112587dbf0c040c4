/**
 * The two kernel calls that Node does not offer, by way of koffi: flock and _exit. koffi costs about 12 ms and 6 MB to
 * load, so it is loaded at the first lock only; read commands never do.
 */
import { createRequire } from "node:module";

export type Native = {
  /** 0, or -1 with `errno`. */
  flock(fd: number, operation: number): number;
  /** The same in the thread pool; `done` gets the error number, 0 when the lock is held. */
  flockLater(fd: number, operation: number, done: (errno: number) => void): void;
  errno(): number;
  exit(code: number): void;
};

type KoffiFunction = {
  (...given: readonly number[]): number;
  async(...given: readonly unknown[]): void;
};
type Koffi = { load(path: null): { func(definition: string): KoffiFunction }; errno(): number };

let loaded: { native: Native } | { cause: unknown } | undefined;

/** The calls, or why they cannot be loaded. */
export function loadNative(): { native: Native } | { cause: unknown } {
  loaded ??= load();
  return loaded;
}

function load(): { native: Native } | { cause: unknown } {
  try {
    const koffi: Koffi = createRequire(import.meta.url)("koffi");
    const system = koffi.load(null);
    const flock = system.func("int flock(int, int)");
    const exit = system.func("void _exit(int)");
    return {
      native: {
        flock: (fd, operation) => flock(fd, operation),
        flockLater: (fd, operation, done) =>
          flock.async(fd, operation, (error: unknown, result: number) => {
            if (error !== null && error !== undefined) throw error;
            done(result === 0 ? 0 : koffi.errno());
          }),
        errno: () => koffi.errno(),
        exit: (code) => {
          exit(code);
        },
      },
    };
  } catch (cause) {
    return { cause };
  }
}
