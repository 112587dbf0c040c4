/**
 * Places that okstra may have to live in: folders that are file systems of their own (small ones too) or read-only. They are mounted
 * for the commands of one test only, in a mount namespace that ends with it; nothing outside sees them.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "vitest";
import type { Failure } from "../../src/model/index.ts";
import { packageRoot, type Ran, type Rig, ranOf } from "./rig.ts";
import { changes, tracesOf } from "./traces.ts";

export type Place = AsyncDisposable & {
  /** A command that sees the mounts. */
  okstra(args: readonly string[], options?: { readonly cwd?: string }): Promise<Ran>;
  /** The rig's folder with the mounts in it, as this process may read it. */
  readonly folder: string;
  /** A shell line that sees them, in the project's folder; its output. */
  sh(line: string): string;
};

export type Mount =
  | { readonly at: string; readonly sizeMiB: number }
  | { readonly at: string; readonly readOnly: true };

const asUser = ["--user", "--map-root-user"];
const canAs = (flags: readonly string[]): boolean =>
  spawnSync("unshare", [...flags, "--mount", "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"]).status === 0;

/** How a mount namespace is made here; undefined where that is not allowed. */
const flags = process.platform !== "linux" ? undefined : [[], asUser].find(canAs);

/** Why there are no such places here; undefined where there are. */
export const noPlaces = flags === undefined ? "mounting is not allowed here (unshare --mount failed)" : undefined;

/** What was in a folder that becomes a file system of its own is copied into it. */
export async function openPlace(rig: Rig, mounts: readonly Mount[]): Promise<Place> {
  if (flags === undefined) throw new Error(noPlaces);
  const lines = mounts.map((mount) => ("sizeMiB" in mount ? ownFileSystem(mount) : readOnly(mount)));
  // It lives until its stdin ends, which is also when this process dies.
  const holder = spawn("unshare", [...flags, "--mount", "sh", "-ec", [...lines, "echo ready", "exec cat"].join("\n")], {
    env: rig.env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [said] = (await Promise.race([once(holder.stdout, "data"), once(holder, "exit")])) as [Buffer | number];
  if (String(said) !== "ready\n") throw new Error(`the place could not be made: ${String(said)}`);
  const enter = [
    "--target",
    String(holder.pid),
    "--mount",
    ...(flags === asUser ? ["--user", "--preserve-credentials"] : []),
  ];
  const inFolder = ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh"];
  return {
    folder: `/proc/${holder.pid}/root${rig.folder}`,
    okstra: (args, options = {}) =>
      ranOf(
        spawn(
          "nsenter",
          [
            ...enter,
            "--",
            ...inFolder,
            options.cwd ?? rig.root,
            process.execPath,
            join(packageRoot, "dist", "main.js"),
            ...args,
          ],
          { env: rig.env, stdio: ["ignore", "pipe", "pipe"] },
        ),
      ),
    sh: (line) =>
      execFileSync("nsenter", [...enter, "--", ...inFolder, rig.root, "sh", "-ec", line], {
        env: rig.env,
        encoding: "utf8",
      }),
    [Symbol.asyncDispose]: () => ended(holder),
  };
}

/** Fills a small file system until this many KiB are left. The returned function frees it again. */
export function fillTo(place: Place, folder: string, kib: number): () => void {
  const filler = quoted(join(folder, "filler"));
  place.sh(
    `free=$(df --output=avail -k ${quoted(folder)} | tail -1)\nhead -c $(((free - ${kib}) * 1024)) /dev/zero > ${filler}`,
  );
  return () => void place.sh(`rm ${filler}`);
}

const quoted = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`;

function ownFileSystem({ at, sizeMiB }: { at: string; sizeMiB: number }): string {
  const [path, aside] = [quoted(at), quoted(`${at}.before`)];
  return [
    `mkdir -p ${path} ${aside}`,
    `cp -a ${path}/. ${aside}`,
    `mount -t tmpfs -o size=${sizeMiB}m,mode=700 none ${path}`,
    `cp -a ${aside}/. ${path}`,
    `rm -rf ${aside}`,
  ].join("\n");
}

const readOnly = ({ at }: { at: string }): string =>
  `mount --bind ${quoted(at)} ${quoted(at)}\nmount -o remount,ro,bind ${quoted(at)}`;

async function ended(holder: ChildProcess): Promise<void> {
  holder.stdin?.end();
  if (holder.exitCode === null) await once(holder, "exit");
}

export const failureOf = (ran: Ran): Failure => ran.json<{ error: Failure }>().error;

/** Refused for this reason, and the disk is as it was. */
export async function refused(
  place: Pick<Place, "folder" | "okstra">,
  args: readonly string[],
  cwd?: string,
): Promise<Failure> {
  const before = tracesOf(place);
  const error = failureOf(await place.okstra([...args, "--json"], cwd === undefined ? {} : { cwd }));
  expect(error, args.join(" ")).toBeDefined();
  expect(changes(before, tracesOf(place)), args.join(" ")).toEqual([]);
  return error;
}
