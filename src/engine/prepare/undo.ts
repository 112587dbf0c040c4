/** What a step began, taken back in reverse order unless it was committed: `await using tx = new Undo()`. */
export class Undo implements AsyncDisposable {
  #steps: (() => Promise<void>)[] = [];

  /** Registers how to take back what is about to be done. */
  onFailure(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** All is done: nothing will be taken back. */
  commit(): void {
    this.#steps = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps.reverse()) {
      try {
        await step();
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    this.#steps = [];
    if (failures.length > 0) throw failures[0];
  }
}
