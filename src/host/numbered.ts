/**
 * The rig's door into a real process: numbers every effect in the order it happens and can end the process just before
 * effect n. Wraps the host as a whole, so that no code knows of it. Used only when the rig asks (compose.ts).
 */
import type { Host } from "./index.ts";

export type EffectTrace = {
  /** Called before effect `n` (1 first); `kind` is `<interface>.<verb>`, `detail` the first textual argument. */
  before(n: number, kind: string, detail: string): void;
};

/** Verbs that change the world; all others only look. */
const effects: Readonly<Record<string, readonly string[]>> = {
  files: [
    "replaceFile",
    "createFile",
    "appendLine",
    "sync",
    "makeFolder",
    "rename",
    "removeFile",
    "removeTree",
    "removeEmptyFolder",
    "copy",
    "link",
    "makeTemporaryFolder",
  ],
  processes: ["run", "supervise", "end", "openGateway", "launchDetached", "askToStop"],
  git: [
    "addTree",
    "fillTree",
    "forgetTree",
    "pruneTrees",
    "deleteBranch",
    "setRef",
    "merge",
    "abortMerge",
    "beginMerge",
    "concludeMerge",
    "fastForward",
    "commitTree",
    "snapshot",
    "reset",
    "plain",
  ],
  locks: ["acquire", "hold", "tryAcquire"],
};

/** Plain git commands that only look. */
const looks: ReadonlySet<string> = new Set([
  "rev-parse",
  "ls-files",
  "ls-tree",
  "for-each-ref",
  "write-tree",
  "config",
  "log",
]);

export function numbered(host: Host, trace: EffectTrace): Host {
  let count = 0;
  const wrap = <T extends object>(part: T, name: string): T =>
    new Proxy(part, {
      get(target, verb, receiver) {
        const value: unknown = Reflect.get(target, verb, receiver);
        if (verb === "hooked" && typeof value === "function")
          return async (folder: string): Promise<object> =>
            wrap((await Reflect.apply(value, target, [folder])) as object, name);
        if (typeof value !== "function" || typeof verb !== "string" || !effects[name]?.includes(verb)) return value;
        return (...given: readonly unknown[]): unknown => {
          if (verb === "plain" && looks.has(String(given[1]))) return Reflect.apply(value, target, given);
          count += 1;
          trace.before(count, `${name}.${verb}`, detailOf(given));
          return Reflect.apply(value, target, given);
        };
      },
    });
  return {
    ...host,
    files: wrap(host.files, "files"),
    processes: wrap(host.processes, "processes"),
    git: wrap(host.git, "git"),
    locks: wrap(host.locks, "locks"),
  };
}

function detailOf(given: readonly unknown[]): string {
  const first = given[0];
  if (typeof first === "string") return first;
  if (typeof first !== "object" || first === null) return "";
  const path =
    "path" in first ? first.path : "command" in first && Array.isArray(first.command) ? first.command[0] : "";
  return typeof path === "string" ? path : "";
}
