/** okstra's home: made private, and marked with the kind of lock that all its processes use. */
import { checkHomeVersion } from "../generated/registry.check.js";
import type { Host } from "../host/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import { fault, schemaVersion } from "../model/index.ts";
import { documentText, type JsonFile, readDocument } from "./json-file.ts";
import type { HomeVersion } from "./registry.schema.ts";

/**
 * Makes the home (0700) and its `version` when they are not there, else checks that this process uses the home's kind of lock:
 * two kinds would not keep each other out. Throws `lock-kind`, `malformed`, `newer-version`.
 */
export async function openHome(host: Host, home: string): Promise<void> {
  const version = (await readHomeVersion(host, home)) ?? (await makeHome(host, home));
  if (version.lockKind === host.locks.kind) return;
  throw fault(
    "lock-kind",
    `The home ${home} uses ${version.lockKind} locks; this process uses ${host.locks.kind}`,
    version.lockKind === "flock"
      ? "Install okstra again with its optional dependencies: npm install -g okstra --include=optional"
      : "Start okstra with the lock kind that the home names, or use another home: OKSTRA_HOME=<folder>",
    { home, homeUses: version.lockKind, processUses: host.locks.kind },
  );
}

/** What the home's `version` says, or undefined for a home that was never opened. Takes no lock and chooses no kind. */
export const readHomeVersion = (host: Pick<Host, "files">, home: string): Promise<HomeVersion | undefined> =>
  readDocument(host, versionFile(home));

async function makeHome(host: Host, home: string): Promise<HomeVersion> {
  const file = versionFile(home);
  const version: HomeVersion = { schemaVersion, lockKind: host.locks.kind };
  await host.files.makeFolder(home, { mode: 0o700 });
  const made = await host.files.createFile(file.path, documentText(file, version));
  // Another process was faster; what it wrote holds.
  return made ? version : ((await readHomeVersion(host, home)) ?? version);
}

const versionFile = (home: string): JsonFile<HomeVersion> => ({
  path: homePaths(home).version,
  what: "home version",
  check: checkHomeVersion,
  remedy: `Write {"schemaVersion":1,"lockKind":"flock"} into ${homePaths(home).version} while no okstra runs`,
});
