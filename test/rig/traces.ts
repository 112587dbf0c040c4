/**
 * All that a command can leave half-made: files and folders of the project, its git (branches, worktrees, settings, hooks) and
 * okstra's home, and the registry's entries. Left out is what stays for good by design: lock files, the folder of all worktrees
 * with its trash, the logs of set-up commands in scratch/; of git's own folder objects, logs and what every git command touches.
 */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";
import type { Rig } from "./rig.ts";

export type Traces = Readonly<Record<string, string>>;

const registry = "okstra home/worktrees/registry.json";
const stays = new Set([
  "okstra home/.locks",
  "okstra home/scratch",
  "okstra home/worktrees",
  "okstra home/worktrees/.trash",
  registry,
]);
const ofGit = /\/\.git\/(.*\/)?(objects|logs|index|ORIG_HEAD|FETCH_HEAD)$/;

export function tracesOf({ folder: top }: Pick<Rig, "folder">): Traces {
  const found: Record<string, string> = {};
  const look = (folder: string): void => {
    for (const entry of readdirSync(folder)) {
      const path = join(folder, entry);
      const name = relative(top, path);
      const kept = !stays.has(name);
      if (ofGit.test(path) || (!kept && name !== "okstra home/worktrees" && name !== registry)) continue;
      const seen = lstatSync(path);
      if (seen.isDirectory()) {
        // Git keeps no empty folders, and leaves some.
        if (kept && !path.includes("/.git/")) found[name] = "folder";
        look(path);
      } else if (name === registry) Object.assign(found, registryRows(readFileSync(path, "utf8")));
      else found[name] = seen.isSymbolicLink() ? `-> ${readlinkSync(path)}` : hash(path);
    }
  };
  look(top);
  return found;
}

/** What changed from one look to the next, a line each. */
export function changes(before: Traces, after: Traces): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name}: ${before[name] ?? "not there"} -> ${after[name] ?? "gone"}`);
}

/** Entry by entry, since a registry without entries is none. One that cannot be read is a text like any other. */
function registryRows(text: string): Record<string, string> {
  try {
    const { entries } = JSON.parse(text) as { entries: Record<string, unknown> };
    return Object.fromEntries(
      Object.entries(entries).map(([key, entry]) => [`registry ${key}`, JSON.stringify(entry)]),
    );
  } catch {
    return { registry: text };
  }
}

const hash = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");
