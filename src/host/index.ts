/**
 * The outside world as okstra sees it: seven small interfaces in okstra's own verbs. host/node is the only real one. Every
 * effect passes here, so the rig can stop a process before effect n (numbered.ts). Verbs throw `Fault` for what a user can
 * act on (disk-full, no-permission, read-only, git-failed ...) and plain errors for bugs.
 */
export type { Clock, Random } from "./clock.ts";
export type { Entry, Files } from "./files.ts";
export type { Destination, Gateway, GatewaySpec, Upstream } from "./gateway.ts";
export type {
  Commit,
  Git,
  Head,
  Identity,
  MergeOutcome,
  MergeProbe,
  RefAt,
  Repository,
  Status,
  TreeAt,
} from "./git.ts";
export type { Lock, LockName, LockRank, Locks } from "./locks.ts";
export type { Machine } from "./machine.ts";
export type { Child, Finished, Inside, Line, Processes, RunSpec, Spawned, SuperviseSpec } from "./processes.ts";

import type { Clock, Random } from "./clock.ts";
import type { Files } from "./files.ts";
import type { Git } from "./git.ts";
import type { Locks } from "./locks.ts";
import type { Machine } from "./machine.ts";
import type { Processes } from "./processes.ts";

export type Host = {
  readonly files: Files;
  readonly processes: Processes;
  readonly git: Git;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly random: Random;
  readonly machine: Machine;
};

export { isoTime } from "./clock.ts";
export { namedGitFolder } from "./git-pointer.ts";
export { type EffectTrace, numbered } from "./numbered.ts";
export { engineMark } from "./processes.ts";
export { temporaryFileName, writerOf } from "./temporary.ts";
export { isText } from "./text-bytes.ts";
