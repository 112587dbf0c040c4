/** A value or an expected failure. Bugs are thrown, never wrapped. */
import type { Failure } from "./failure.ts";

export type Result<T, F = Failure> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: F };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const err = <F>(error: F): Result<never, F> => ({ ok: false, error });

/** Marks a branch that the type system proves cannot be reached. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
