/** Starting a child: a process group and session of its own, and only the environment that is given. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import type { Spawned } from "../processes.ts";
import { fileFault } from "./errno.ts";
import { justStarted } from "./process-table.ts";

export type Started = {
  readonly child: ChildProcess;
  /** Undefined when the program could not be started; the child's `error` event then says why. */
  readonly self: Spawned | undefined;
};

type StartSpec = {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdio: NonNullable<SpawnOptions["stdio"]>;
};

/** Throws a fault for what the system refuses at once (too many arguments, a NUL byte in one). */
export function start(spec: StartSpec): Started {
  const [program, ...args] = spec.command;
  try {
    const child = spawn(program, args, {
      cwd: spec.cwd,
      env: { ...spec.env },
      stdio: spec.stdio,
      detached: true,
    });
    // Node reaps a child only when its loop turns, so its start time can be read here even if it has ended already.
    return { child, self: child.pid === undefined ? undefined : justStarted(child.pid) };
  } catch (thrown) {
    throw fileFault(thrown, "run", program);
  }
}
