/**
 * What a run's journal says, and so what every face shows. A line on disk is `{line, time, type, data, prev}`; here are the
 * types and their data. The journal is the truth: state is rebuilt from these alone.
 */
import type { Outcome } from "./task.ts";

export type DispatchIdentity = {
  /** Unique in the run: `<worker>-<role>[-r<round>][-a<attempt>]`; also names its files. */
  readonly name: string;
  readonly worker: string;
  readonly role: string;
  readonly purpose: string;
  readonly round: number | null;
  readonly attempt: number;
};

export type TokenUse = {
  readonly input: number;
  readonly cachedInput: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
  readonly costUsd: number | null;
};

export type DispatchStatus = "completed" | "timeout" | "error" | "not-run";

export type EventData = {
  "run.prepared": { run: string; invocation: Record<string, unknown>; manifestSha256: string };
  "run.started": {
    pid: number;
    startTime: string;
    bootId: string;
    resumed: boolean;
    reused: readonly string[];
    again: readonly string[];
  };
  "step.started": { step: string };
  "step.completed": { step: string };
  "step.failed": { step: string; reason: string; message: string };
  "step.skipped": { step: string; why: string };
  /** A line for people: `phase-4-dispatch worker= model=` and the like. */
  progress: { point: string; text: string };
  "dispatch.intended": DispatchIdentity & {
    head: string | null;
    tree: string | null;
    promptHash: string;
    mark: string;
    writes: boolean;
  };
  "dispatch.spawned": { name: string; pid: number; startTime: string };
  "dispatch.done": {
    name: string;
    status: DispatchStatus;
    reason: string | null;
    /** The first word of `reason`, such as `quota`; journals of before the first release lack it. */
    cause?: string | null;
    /** When the provider said that the quota is there again. */
    resetAt?: string | null;
    /** SHA-256 of the result file, null when there is no valid result. */
    sha256: string | null;
    modelServed: string | null;
    family: string;
    session: string | null;
    usage: TokenUse | null;
    /** What the agent's own log of its session says that it used, where it says something. */
    logged?: TokenUse;
    /** `usage` is what that log says, since the stream did not. */
    fromLog?: true;
    durationMs: number;
    reasks: number;
  };
  /** A memoised effect of a step: its value is small, or a file named with its hash. */
  fact: { key: string; value: unknown };
  "carry.written": { stage: number; path: string; sha256: string; head: string };
  "merge.intended": { stage: number; head: string; taskHead: string };
  "merge.done": { stage: number; state: string; commit: string | null; files: readonly string[] };
  "run.blocked": { reason: string; message: string };
  "run.ended": {
    outcome: Outcome;
    reason: string | null;
    verdict: string | null;
    message: string;
    /** Dispatches that are asked again when the run is resumed: a quota or budget kept them from an answer. */
    askAgain?: readonly string[];
    /** How to go on; empty when nothing is left to do. Journals of before the first release lack it. */
    remedy?: string;
    artifacts: readonly { path: string; sha256: string }[];
  };
  repaired: { sha256: string; bytes: number };
};

export type EventType = keyof EventData;

/** An event as the engine emits it. */
export type RunEvent = { [T in EventType]: { readonly type: T; readonly data: Readonly<EventData[T]> } }[EventType];

/** An event as the journal holds it and listeners receive it. */
export type JournalEvent = RunEvent & { readonly run: string; readonly line: number; readonly time: string };

export type Listener = (event: JournalEvent) => void;
