/**
 * The registry when it was lost, cut or edited by hand: what can still be read of it, and how entries get back into it. A file that
 * cannot be read is set aside under its own name with `.broken-<time>`, never deleted; one of a newer okstra is not touched.
 */
import { checkRegistry } from "../generated/registry.check.js";
import { type Host, isoTime } from "../host/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import { type Failure, Fault, schemaVersion } from "../model/index.ts";
import { readRegistry, strangeIn } from "./entries.ts";
import { documentText } from "./json-file.ts";
import { registryLock, withLock } from "./lock-names.ts";
import type { Registry, RegistryEntry } from "./registry.schema.ts";

/** `broken`: `entries` are those that are whole. `newer`: nothing is known of its entries. */
export type RegistrySeen =
  | { readonly is: "absent" | "whole"; readonly entries: Registry["entries"] }
  | { readonly is: "broken" | "newer"; readonly entries: Registry["entries"]; readonly failure: Failure };

/** Never throws for what the file holds. */
export async function examineRegistry(host: Host, home: string): Promise<RegistrySeen> {
  const text = await host.files.readText(homePaths(home).registry);
  if (text === undefined) return { is: "absent", entries: {} };
  try {
    return { is: "whole", entries: (await readRegistry(host, home)).entries };
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    const { failure } = thrown;
    if (failure.reason === "newer-version") return { is: "newer", entries: {}, failure };
    return { is: "broken", entries: wholeEntries(text), failure };
  }
}

export type AddedEntries = {
  /** Names of the entries that were not there and are now. */
  readonly added: readonly string[];
  /** Where the file that could not be read lies now. */
  readonly aside: string | null;
};

/**
 * Under the registry lock: sets a file aside that cannot be read, keeps its whole entries, and adds those that `lost` gives for what
 * is there. An entry that is there stays as it is. Throws `newer-version`.
 */
export async function addLostEntries(
  host: Host,
  home: string,
  lost: (entries: Registry["entries"]) => readonly RegistryEntry[],
): Promise<AddedEntries> {
  const path = homePaths(home).registry;
  return await withLock(host, registryLock(home), "register lost worktrees again", async () => {
    const seen = await examineRegistry(host, home);
    if (seen.is === "newer") throw new Fault(seen.failure);
    const more = lost(seen.entries).filter(({ key }) => seen.entries[key] === undefined);
    if (more.length === 0 && seen.is !== "broken") return { added: [], aside: null };
    const entries = { ...seen.entries, ...Object.fromEntries(more.map((entry) => [entry.key, entry])) };
    const aside = seen.is === "broken" ? `${path}.broken-${isoTime(host.clock).replaceAll(/[-:.]/g, "")}` : null;
    if (aside !== null) await host.files.copy(path, aside);
    await host.files.replaceFile(
      path,
      documentText(
        { path, what: "worktree registry", check: checkRegistry },
        {
          schemaVersion,
          entries,
        },
      ),
      { durable: true },
    );
    return { added: more.map(({ key }) => key), aside };
  });
}

/** Entries that are valid each by itself, under their own names. */
function wholeEntries(text: string): Registry["entries"] {
  const whole: Record<string, RegistryEntry> = {};
  for (const [name, entry] of Object.entries(entriesIn(text))) {
    const alone: unknown = { schemaVersion, entries: { [name]: entry } };
    const one = checkRegistry(alone) ? alone.entries[name] : undefined;
    if (one !== undefined && strangeIn(name, one) === undefined) whole[name] = one;
  }
  return whole;
}

function entriesIn(text: string): object {
  try {
    const input: unknown = JSON.parse(text);
    if (typeof input !== "object" || input === null || !("entries" in input)) return {};
    return typeof input.entries === "object" && input.entries !== null ? input.entries : {};
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    return {};
  }
}
