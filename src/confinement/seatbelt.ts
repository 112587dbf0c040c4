/**
 * Rules as a profile of sandbox-exec (macOS). The last rule of a profile that fits holds, so rules stand in the order in which mounts
 * are made. There are no private folders: what is `private` is hidden, and TMPDIR of the process is its own anyway. No namespace
 * either: processes are ended by their mark.
 */
import { dirname } from "node:path";
import type { Mount } from "./rules.ts";

const head = [
  "(version 1)",
  "(allow default)",
  "(deny file-write*)",
  '(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (subpath "/dev/fd"))',
  "(deny network-outbound (remote unix-socket))",
  // Names are resolved over this one.
  '(allow network-outbound (literal "/private/var/run/mDNSResponder"))',
];

/** `mounts` as `ordered` gives them. */
function seatbeltProfile(mounts: readonly Mount[]): string {
  return `${[...head, ...mounts.flatMap((mount) => linesOf(mount, mounts))].join("\n")}\n`;
}

export type Wrapped = {
  readonly program: string;
  readonly mounts: readonly Mount[];
  readonly command: readonly string[];
};

export const seatbelted = ({ program, mounts, command }: Wrapped): readonly [string, ...string[]] => [
  program,
  "-p",
  seatbeltProfile(mounts),
  ...command,
];

function linesOf({ path, as, kind }: Mount, mounts: readonly Mount[]): readonly string[] {
  const place = `(${kind === "folder" ? "subpath" : "literal"} ${quoted(path)})`;
  switch (as) {
    case "hidden":
    case "private":
      return [`(deny file-read* file-write* ${place})`];
    case "seen":
      return [...wayTo(path, mounts), `(allow file-read* ${place})`, `(deny file-write* ${place})`];
    case "written":
      return [...wayTo(path, mounts), `(allow file-read* file-write* ${place})`];
  }
}

/** Whoever opens a path asks for each folder on the way to it, hidden ones too. */
function wayTo(path: string, mounts: readonly Mount[]): readonly string[] {
  const hidden = mounts.filter(({ as }) => as === "hidden" || as === "private");
  const folders: string[] = [];
  for (let at = dirname(path); at !== "/"; at = dirname(at)) folders.unshift(at);
  return folders
    .filter((folder) => hidden.some((one) => folder === one.path || folder.startsWith(`${one.path}/`)))
    .map((folder) => `(allow file-read-metadata (literal ${quoted(folder)}))`);
}

const quoted = (path: string): string => `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

export const seatbeltTrial = (program: string): readonly [string, ...string[]] => [
  program,
  "-p",
  '(version 1)(allow default)(deny file-write* (subpath "/private/tmp"))',
  ...["/bin/sh", "-c", "! test -w /private/tmp"],
];
