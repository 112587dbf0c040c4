/**
 * Rules as a command line of bubblewrap (Linux). Found by running 0.8.0 as root and not: without capabilities root still owns its
 * files, so nothing but the read-only mounts stops it; and `/proc/sys` stays writable for root unless it is mounted over.
 */
import type { Mount } from "./rules.ts";

const namespaces = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"];

/** The machine is read-only, without capabilities. The network is taken apart (`alone`). */
const base = [
  ...namespaces,
  ...["--die-with-parent", "--new-session", "--cap-drop", "ALL"],
  ...["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"],
  // A kernel parameter such as core_pattern would be a way out.
  ...["--ro-bind-try", "/proc/sys", "/proc/sys", "--ro-bind-try", "/proc/sysrq-trigger", "/proc/sysrq-trigger"],
];

const ownNetwork = "--unshare-net";

export type Wrapped = {
  readonly program: string;
  readonly mounts: readonly Mount[];
  readonly cwd: string;
  readonly command: readonly string[];
  /** In a network of its own, with nothing in it but a loopback. */
  readonly alone: boolean;
};

/** `mounts` as `ordered` gives them. */
export function bubblewrapped({ program, mounts, cwd, command, alone }: Wrapped): readonly [string, ...string[]] {
  const empty = mounts.filter(({ as, kind }) => as === "hidden" && kind === "folder");
  return [
    program,
    ...base,
    ...(alone ? [ownNetwork] : []),
    ...sharedMemory([cwd, ...mounts.map(({ path }) => path)]),
    ...mounts.flatMap(mountOf),
    // At the end, since what lies in them is mounted on folders that have to be made first.
    ...empty.flatMap(({ path }) => ["--remount-ro", path]),
    ...["--chdir", cwd, "--"],
    ...command,
  ];
}

/**
 * The new /dev has an empty /dev/shm of its own, for programs that share memory. Whoever keeps a project or the home of okstra
 * there needs the real one, read-only like all else.
 */
const sharedMemory = (paths: readonly string[]): readonly string[] =>
  paths.some((path) => path.startsWith("/dev/shm/")) ? ["--ro-bind", "/dev/shm", "/dev/shm"] : [];

function mountOf({ path, as, kind }: Mount): readonly string[] {
  switch (as) {
    case "hidden":
      return kind === "folder" ? ["--tmpfs", path] : ["--ro-bind", "/dev/null", path];
    case "private":
      return ["--perms", "1777", "--tmpfs", path];
    case "seen":
      return ["--ro-bind", path, path];
    case "written":
      return ["--bind", path, path];
  }
}

/** Starts if confinement works here at all, and ends with 0 only if it confines: /tmp, open to all, is read-only inside. */
export const bubblewrapTrial = (program: string, alone: boolean): readonly [string, ...string[]] => [
  program,
  ...base,
  ...(alone ? [ownNetwork] : []),
  ...["--tmpfs", "/run", "--remount-ro", "/run"],
  ...["--chdir", "/", "--", "/bin/sh", "-c", "! test -w /tmp && ! test -w /run"],
];
