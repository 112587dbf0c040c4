import type { Gateway, GatewaySpec } from "./gateway.ts";

/** Child processes. Each runs in a process group of its own, which ends with it. */
export type RunSpec = {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment of the child; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly timeoutMs?: number;
  /** Keep at most this many bytes of each stream (head and tail); default 1 MiB. */
  readonly keepBytes?: number;
  readonly signal?: AbortSignal;
};

export type Finished = {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
};

/** One line of a child's stdout, decoded as UTF-8 with bad bytes replaced; `cut` when it was longer than kept. */
export type Line = { readonly text: string; readonly cut: boolean };

export type SuperviseSpec = {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  /** The raw stdout is appended here as it came (a conversation of several processes has one log). */
  readonly logPath: string;
  /** Takes keys out of what goes to the log; given whole lines (of one longer than 256 KiB, parts). */
  readonly redact?: (text: string) => string;
  /** Longest line handed on, in bytes; the log keeps all. Default 4 MiB. */
  readonly maxLineBytes?: number;
  readonly onLine: (line: Line) => void;
  readonly onStderr: (text: string) => void;
};

/** How to know a process again after its pid was used anew. */
export type Spawned = { readonly pid: number; readonly startTime: string };

/**
 * Every git that a host starts has this in its environment, with the process that started it: a killed one leaves its git
 * running, and who cleans up after it must know that git.
 */
export const engineMark = {
  name: "OKSTRA_ENGINE",
  of: (engine: Spawned): string => `${engine.pid}:${engine.startTime}`,
} as const;

/** A process that works in a folder. */
export type Inside = Spawned & { readonly program: string };

export type Child = Spawned & {
  /** Settles when the process has exited and its streams are read to the end (or 2 s after the exit). */
  readonly exited: Promise<{ exitCode: number | null; signal: string | null }>;
  /** TERM to the group, KILL after `graceMs`, then every descendant. Settles when nothing is left; how many were there. */
  end(graceMs: number): Promise<number>;
};

export type Processes = {
  /** Runs to its end. A program that is not there gives exitCode 127; the group is ended before this settles. */
  run(spec: RunSpec): Promise<Finished>;
  /** Starts a program and hands on its lines. Throws a fault `agent-missing` when the program is not there. */
  supervise(spec: SuperviseSpec): Promise<Child>;
  /** Whether this very process (pid and start time) is alive. */
  alive(process: Spawned): boolean;
  /** Processes whose environment holds `name=value`. */
  withMark(name: string, value: string): Promise<readonly Spawned[]>;
  /** Waits until these have ended by themselves; false when one still runs after `ms`. */
  awaitEnd(processes: readonly Spawned[], ms: number): Promise<boolean>;
  /** Ends these processes and their groups: TERM, after `graceMs` KILL. Settles when they are gone. */
  end(processes: readonly Spawned[], graceMs: number): Promise<void>;
  /** Asks this very process to stop in its own time (SIGTERM to it alone); false when it is gone. */
  askToStop(process: Spawned): boolean;
  /** Processes of this user, this one excepted, whose present folder or program lies at or below the folder. */
  inside(folder: string): Promise<readonly Inside[]>;
  /** TCP ports that somebody on this machine listens at. */
  listening(): Promise<ReadonlySet<number>>;
  /** Whether this process or an ancestor of it has the variable in its environment. */
  ancestorHas(name: string): Promise<boolean>;
  /** Where a program is on a PATH, or undefined. */
  find(program: string, path: string): Promise<string | undefined>;
  /** Opens a way out for processes that have no network. */
  openGateway(spec: GatewaySpec): Promise<Gateway>;
  /** Starts a process that outlives this one (background deletion, detached engines). */
  launchDetached(spec: {
    command: readonly [string, ...string[]];
    cwd: string;
    env: Readonly<Record<string, string>>;
    logPath: string;
  }): Promise<Spawned>;
};
