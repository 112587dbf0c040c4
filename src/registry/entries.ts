/**
 * The worktree registry: who holds which task and stage tree. It decides occupancy for all processes of a home, so it is only
 * changed under its lock, only replaced as a whole and durably, and never when it cannot be read: what it held would be lost.
 *
 *   (absent) -> pending -> active -> released -> pending ...
 *      ^           |
 *      +-- undone -+
 */
import { checkRegistry } from "../generated/registry.check.js";
import type { Host } from "../host/index.ts";
import { homePaths, segmentPath } from "../lifecycle/index.ts";
import { Fault, fault, schemaVersion, type TaskKey } from "../model/index.ts";
import { documentText, type JsonFile, readDocument } from "./json-file.ts";
import { registryLock, withLock } from "./lock-names.ts";
import type { Registry, RegistryEntry } from "./registry.schema.ts";

/** Whose hold is to be proven: the run that was given this nonce for the task's (`stage` null) or stage's tree, or another that is named. */
export type Hold = {
  readonly key: TaskKey;
  readonly stage: number | null;
  readonly nonce: string;
  readonly name?: string;
};

/** `p/g/t`, or `p/g/t#stage-<N>`, of segments: the name of a registry entry. */
export const entryKey = (key: TaskKey, stage: number | null): string =>
  stage === null ? segmentPath(key) : `${segmentPath(key)}#stage-${stage}`;

/** `p/g/t#merge-stage-<N>`: the tree in which the merge of a stage is settled. */
export const mergeEntryKey = (key: TaskKey, stage: number): string => `${segmentPath(key)}#merge-stage-${stage}`;

/** The registry; without a file it is empty. Throws `registry-unreadable`, `newer-version`. */
export async function readRegistry(host: Host, home: string): Promise<Registry> {
  const file = registryFile(home);
  let registry: Registry | undefined;
  try {
    registry = await readDocument(host, file);
  } catch (thrown) {
    if (thrown instanceof Fault) throw unreadable(file.path, thrown);
    throw thrown;
  }
  if (registry === undefined) return { schemaVersion, entries: {} };
  const wrong = strange(registry);
  if (wrong === undefined) return registry;
  throw unreadable(file.path, fault("malformed", `${file.path}: ${wrong}`, ""));
}

/**
 * Reads, changes and replaces the registry under its lock, durably. `change` is pure; undefined means nothing is written, and
 * what it throws leaves the registry as it was.
 */
export async function changeRegistry(
  host: Host,
  home: string,
  purpose: string,
  change: (registry: Registry) => Registry | undefined,
): Promise<Registry> {
  return await withLock(host, registryLock(home), purpose, async () => {
    const before = await readRegistry(host, home);
    const after = change(before);
    if (after === undefined) return before;
    const wrong = strange(after);
    if (wrong !== undefined) throw new Error(`the registry was to be made wrong: ${wrong}`);
    await host.files.replaceFile(registryFile(home).path, documentText(registryFile(home), after), { durable: true });
    return after;
  });
}

/** Whether nobody else may take what the entry names. */
export const occupied = (entry: Pick<RegistryEntry, "status"> | undefined): boolean =>
  entry !== undefined && entry.status !== "released";

/** `unknown`: on another machine, whose processes cannot be seen from here. */
export type HolderState = "alive" | "dead" | "unknown";

/** Whether the process that holds the entry lives: this machine, this boot, this very process (pid and start time). */
export function holderState(host: Host, entry: Pick<RegistryEntry, "holder">): HolderState {
  const { machine, bootId, pid, startTime } = entry.holder;
  if (machine !== host.machine.name) return "unknown";
  if (bootId !== host.machine.bootId) return "dead";
  return host.processes.alive({ pid, startTime }) ? "alive" : "dead";
}

/** False only when the holder is certainly dead: one on another machine counts as alive (`holderState` tells). */
export const holderAlive = (host: Host, entry: Pick<RegistryEntry, "holder">): boolean =>
  holderState(host, entry) !== "dead";

/** The entry that the nonce holds. Throws `lost-hold` when the stage was released or taken by another since. */
export async function proveHolder(host: Host, home: string, hold: Hold): Promise<RegistryEntry> {
  const name = hold.name ?? entryKey(hold.key, hold.stage);
  const entry = (await readRegistry(host, home)).entries[name];
  if (entry !== undefined && occupied(entry) && entry.holder.nonce === hold.nonce) return entry;
  const now = entry === undefined ? "nobody" : occupied(entry) ? entry.holder.run : "nobody (it was released)";
  throw fault(
    "lost-hold",
    `${name} is no longer held by this run; it is held by ${now}`,
    "Nothing was written. Start the stage again: okstra run --task-type implementation",
    { name, holder: entry?.holder.run ?? null, status: entry?.status ?? null },
  );
}

/**
 * Proves the hold and runs the body while nobody can release or take the entry. For short writes only (ledger row, carry): the
 * registry waits meanwhile. Throws `lost-hold` before the body.
 */
export const withHold = <T>(host: Host, home: string, hold: Hold, body: () => Promise<T>): Promise<T> =>
  withLock(host, registryLock(home), `write for ${hold.name ?? entryKey(hold.key, hold.stage)}`, async () => {
    await proveHolder(host, home, hold);
    return await body();
  });

const registryFile = (home: string): JsonFile<Registry> => ({
  path: homePaths(home).registry,
  what: "worktree registry",
  check: checkRegistry,
});

const strange = (registry: Registry): string | undefined => {
  for (const [name, entry] of Object.entries(registry.entries)) {
    const wrong = strangeIn(name, entry);
    if (wrong !== undefined) return `the entry "${name}" ${wrong}`;
  }
  return undefined;
};

/**
 * Why an entry cannot be the one of this name; undefined where it can. A folder that a hand wrote there would be removed with what
 * somebody else has in it. Which home it is below is not asked: that may have been moved.
 */
export function strangeIn(name: string, { key, worktreePath }: RegistryEntry): string | undefined {
  if (key !== name) return "says it is another's";
  const [task = "", tree = "task"] = name.split("#");
  return worktreePath.endsWith(`/worktrees/${task}/${tree}`)
    ? undefined
    : `names a folder that is not its own: ${worktreePath}`;
}

function unreadable(path: string, cause: Fault): Fault {
  const { reason, message, remedy } = cause.failure;
  if (reason === "newer-version") {
    return new Fault({
      ...cause.failure,
      remedy: `${remedy}; if it was edited by hand, undo that`,
    });
  }
  if (reason !== "malformed") return cause;
  const restore = "Nothing was changed. Have it made again from what is there: okstra doctor --fix";
  return fault("registry-unreadable", message, restore, { path }, cause);
}
