/** Git as an agent uses it: plain commands in its own worktree, with the identity that its driver put into the environment. */
import { spawnSync } from "node:child_process";

/** stdout without the last newline. Throws with what git wrote to stderr. */
export function git(cwd: string, ...args: readonly string[]): string {
  const done = spawnSync("git", args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.error !== undefined) throw done.error;
  if (done.status === 0) return done.stdout.replace(/\n$/, "");
  throw new Error(`git ${args.join(" ")}: ${done.stderr.trim() || `exit ${done.status ?? done.signal}`}`);
}

/** Whether the command exits 0. */
export const gitSays = (cwd: string, ...args: readonly string[]): boolean =>
  spawnSync("git", args, { cwd, stdio: "ignore" }).status === 0;
