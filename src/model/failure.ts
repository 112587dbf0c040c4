/**
 * Expected failures. At a room's `index.ts` they are values (`Result`); inside a room the one thrown class is `Fault`,
 * which only `door` catches. Everything else that is thrown is a bug and passes on to main. See docs/adr/0001.
 */
import { type ExitCode, type Reason, reasons } from "./reasons.ts";
import { err, ok, type Result } from "./result.ts";

/** What went wrong (`message`), how to go on (`remedy`, ready to copy where it is a command), and data for `--json`. */
export type Failure = {
  readonly reason: Reason;
  readonly message: string;
  readonly remedy: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
};

/** The one thrown class for expected failures. */
export class Fault extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message, { cause: failure.cause });
    this.name = "Fault";
    this.failure = failure;
    if (!origins.has(failure)) origins.set(failure, this);
  }
}

/** Where each failure was first thrown: doors turn faults into values and back, which would lose the stack. */
const origins = new WeakMap<Failure, Fault>();

/** The stack of the place that found the failure; for `--verbose`. */
export const stackOf = (failure: Failure): string | undefined => origins.get(failure)?.stack;

/** Makes a fault to throw: `throw fault("stage-taken", "...", "...", {stage: 2})`. */
export const fault = (
  reason: Reason,
  message: string,
  remedy: string,
  details?: Readonly<Record<string, unknown>>,
  cause?: unknown,
): Fault =>
  new Fault({
    reason,
    message,
    remedy,
    ...(details === undefined ? {} : { details }),
    ...(cause === undefined ? {} : { cause }),
  });

export const exitCodeOf = (failure: Failure): ExitCode => reasons[failure.reason].exit;

/** Wraps a room's inner async function into its door: faults become values, bugs pass on. */
export const door =
  <A extends readonly unknown[], T>(body: (...given: A) => Promise<T>) =>
  async (...given: A): Promise<Result<T>> => {
    try {
      return ok(await body(...given));
    } catch (thrown) {
      return caught(thrown);
    }
  };

/** The same for a function that does not wait. */
export const doorSync =
  <A extends readonly unknown[], T>(body: (...given: A) => T) =>
  (...given: A): Result<T> => {
    try {
      return ok(body(...given));
    } catch (thrown) {
      return caught(thrown);
    }
  };

/** Opens a result inside another room: the value, or its failure thrown on to that room's own door. */
export function take<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Fault(result.error);
}

function caught(thrown: unknown): Result<never> {
  if (thrown instanceof Fault) return err(thrown.failure);
  throw thrown;
}
