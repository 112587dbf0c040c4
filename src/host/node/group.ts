/** Signals to process groups. A pid that still names a group cannot be given to a new process, so the group is ours. */
import { codeOf } from "./errno.ts";

/** Sends the signal to every process of the group; false when there is none. Signal 0 only asks. */
export function killGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  return send(-group, signal);
}

export function killOne(pid: number, signal: NodeJS.Signals | 0): boolean {
  return send(pid, signal);
}

function send(target: number, signal: NodeJS.Signals | 0): boolean {
  // 0, 1 and -1 mean everybody, or our own group.
  if (target >= -1 && target <= 1) throw new Error(`refusing to signal ${target}`);
  try {
    process.kill(target, signal);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === "ESRCH") return false;
    // Somebody else's process (a setuid program): there, but beyond our reach.
    if (codeOf(thrown) === "EPERM") return true;
    throw thrown;
  }
}
