/** Rings when a file may have changed, and now and then anyway: what waits for another process looks again at each ring. */
import { fault } from "../model/index.ts";
import type { World } from "./world.ts";

/** How often one looks when nothing is written: whether the process is still there. */
const usualMs = 1_000;

/** Rings once for any number of changes since it was last waited for. Keeps the process alive until it is stopped. */
export class Bell {
  readonly #signal: AbortSignal;
  readonly #stopWatching: () => void;
  #rung = false;
  #wake: (() => void) | undefined;

  constructor(world: World, path: string, sweepMs = usualMs) {
    this.#signal = world.signal;
    this.#stopWatching = world.host.files.watch(path, sweepMs, this.#ring);
    this.#signal.addEventListener("abort", this.#ring);
  }

  readonly #ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  /** Settles at the next ring, at once when it rang meanwhile. Throws `interrupted` when the signal stops the waiting. */
  async rings(): Promise<void> {
    if (!this.#rung && !this.#signal.aborted) {
      await new Promise<void>((settle) => {
        this.#wake = settle;
      });
    }
    this.#rung = false;
    this.#wake = undefined;
    if (this.#signal.aborted) throw fault("interrupted", "Stopped waiting; the run goes on", "");
  }

  stop(): void {
    this.#stopWatching();
    this.#signal.removeEventListener("abort", this.#ring);
  }
}
