/**
 * What the system's error codes mean for a user. Every file verb passes its errors through here, so that no raw errno
 * reaches another room: what a person can act on is a fault with the path and a remedy, all else is `file-system`.
 */
import { Fault, fault, shellWord } from "../../model/index.ts";
import { freeSpace } from "./disk-full.ts";

type SystemError = { readonly code: string; readonly message: string; readonly path?: string };

/** The errno name (`ENOENT`) of a thrown system error, or undefined when it is something else. */
export function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}

/** The fault for a thrown system error met at `path` while doing `what`; bugs (no errno) come back as they are. */
export function fileFault(thrown: unknown, what: string, path: string): unknown {
  if (thrown instanceof Fault || !isSystemError(thrown)) return thrown;
  const details = { path, code: thrown.code };
  switch (thrown.code) {
    case "ENOSPC":
    case "EDQUOT":
      return fault("disk-full", `Cannot ${what} ${path}: no space left`, freeSpace, details, thrown);
    case "EACCES":
    case "EPERM":
      return fault(
        "no-permission",
        `Cannot ${what} ${path}: permission denied`,
        `Give this user access: ls -ld ${shellWord(path)}`,
        details,
        thrown,
      );
    case "EROFS":
      return fault(
        "read-only",
        `Cannot ${what} ${path}: the file system is read-only`,
        "Mount the file system writable; where it is okstra's home, OKSTRA_HOME can name another folder",
        details,
        thrown,
      );
    case "EXDEV":
      return fault(
        "file-system",
        `Cannot ${what} ${path}: source and target lie on different file systems`,
        "Put both on one file system, for instance with OKSTRA_HOME",
        details,
        thrown,
      );
    default:
      return fault(
        "file-system",
        `Cannot ${what} ${path}: ${thrown.message}`,
        `Look at the path and its disk: ls -ld ${shellWord(path)}`,
        details,
        thrown,
      );
  }
}

/** Runs a file call; its system errors become faults. */
export async function guarded<T>(what: string, path: string, body: () => T | Promise<T>): Promise<T> {
  try {
    const done = body();
    return done instanceof Promise ? await done : done;
  } catch (thrown) {
    throw fileFault(thrown, what, path);
  }
}

function isSystemError(thrown: unknown): thrown is SystemError {
  const code = codeOf(thrown);
  if (!(thrown instanceof Error) || code === undefined) return false;
  // A path or argument with a NUL byte comes from outside (an agent's text), so it is no bug.
  return /^E[A-Z0-9]+$/.test(code) || code.startsWith("ERR_FS_") || code === "ERR_INVALID_ARG_VALUE";
}
