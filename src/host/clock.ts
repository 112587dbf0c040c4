/** Time and chance; the only two parts of the host that tests may fake. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds of a clock that never jumps, for durations. */
  monotonic(): number;
  /** Calls once after `ms`; the returned function cancels. Never keeps the process alive by itself. */
  after(ms: number, call: () => void): () => void;
};

export type Random = {
  /** Lower-case hex of `bytes` random bytes. */
  id(bytes: number): string;
};

/** UTC, ISO 8601 with milliseconds. */
export const isoTime = (clock: Clock): string => new Date(clock.now()).toISOString();
