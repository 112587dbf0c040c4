/**
 * Writes to a terminal that somebody may have stopped (Ctrl-S): what it does not take is kept in order and offered again, and
 * whoever writes goes on. Without it a write waits for the terminal, and every agent, clock and merge of a run waits with it.
 * A run's story is finite, so that what is kept needs no bound.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Milliseconds until a stopped terminal is tried again. */
const pause = 50;

export class Patient {
  /** Opened anew, since "does not wait" belongs to an open file, which the shell shares with the descriptor that was handed down. */
  readonly #open: number;
  readonly #descriptor: number;
  #waiting: Buffer = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;

  private constructor(open: number, descriptor: number) {
    this.#open = open;
    this.#descriptor = descriptor;
  }

  /** Undefined where the terminal cannot be opened once more: then its descriptor is written to, and waits. */
  static on(descriptor: number): Patient | undefined {
    try {
      const path = process.platform === "linux" ? `/proc/self/fd/${descriptor}` : deviceOf(descriptor);
      if (path === undefined) return undefined;
      const open = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
      if (fstatSync(open).rdev === fstatSync(descriptor).rdev) return new Patient(open, descriptor);
      closeSync(open);
    } catch {
      // no /proc, or the terminal is another user's
    }
    return undefined;
  }

  /** Whether something waits. */
  get isBehind(): boolean {
    return this.#waiting.length > 0;
  }

  /** Throws what writing to a terminal that is gone throws. */
  write(bytes: Buffer): void {
    this.#waiting = this.isBehind ? Buffer.concat([this.#waiting, bytes]) : bytes;
    if (this.#timer === undefined) this.#offer();
  }

  /** Waits until all is written. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (let left = this.#waiting; left.length > 0; left = this.#waiting)
      this.#waiting = left.subarray(writeSync(this.#descriptor, left));
  }

  #offer(): void {
    try {
      while (this.isBehind) this.#waiting = this.#waiting.subarray(writeSync(this.#open, this.#waiting));
    } catch (thrown) {
      if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EAGAIN")) {
        this.#waiting = Buffer.alloc(0);
        throw thrown;
      }
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        try {
          this.#offer();
        } catch {
          // The terminal went away; whoever writes next is told.
        }
      }, pause);
    }
  }
}

/** What ttyname(3) does: the device with the same number. */
function deviceOf(descriptor: number): string | undefined {
  const { rdev } = fstatSync(descriptor);
  const names = readdirSync("/dev").filter((name) => name.startsWith("tty"));
  return names.map((name) => join("/dev", name)).find((path) => statSync(path).rdev === rdev);
}
