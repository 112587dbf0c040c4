/** Facts about this machine; what costs a file or a process is looked up on first use. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, homedir, hostname, tmpdir } from "node:os";
import type { Machine } from "../machine.ts";
import { startTimeOf } from "./process-table.ts";

export type MachineOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly packageRoot: string;
  readonly temporaryFolder?: string;
};

export function nodeMachine(options: MachineOptions): Machine {
  let startTime: string | undefined;
  return {
    pid: process.pid,
    get startTime() {
      startTime ??= startTimeOf(process.pid) ?? "unknown";
      return startTime;
    },
    get bootId() {
      return bootId();
    },
    name: hostname(),
    platform: process.platform,
    cores: availableParallelism(),
    nodeVersion: process.version,
    nodePath: process.execPath,
    packageRoot: options.packageRoot,
    userHome: options.env["HOME"] || homedir(),
    temporaryFolder: options.temporaryFolder ?? (options.env["TMPDIR"] || tmpdir()),
    env: options.env,
  };
}

let knownBootId: string | undefined;

/** The kernel's random id of this boot. (The time of the boot would not do: it moves when the clock is set.) */
export function bootId(): string {
  knownBootId ??= readBootId().trim();
  return knownBootId;
}

function readBootId(): string {
  if (process.platform === "linux") return readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
  return execFileSync("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"], { encoding: "utf8" });
}
