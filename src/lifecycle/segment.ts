/**
 * The file-system and branch form of an id (lifecycle.md, Task identity). Total: any text gives a segment of 1 to 80 bytes
 * that is a safe folder name and ref component; different ids may share one, which creation refuses.
 */
import type { TaskKey } from "../model/index.ts";

const longest = 80;

export function segment(id: string): string {
  const lower = id.toLowerCase();
  const plain = lower
    .replace(/[^a-z0-9._-]+/gu, "-")
    .replace(/\.+/g, ".")
    .replace(/^[-.]+|[-.]+$/g, "")
    .replace(/\.lock$/, "-lock");
  const lost = lettersAndDigits(lower) !== lettersAndDigits(plain);
  if (!lost && plain.length > 0 && plain.length <= longest) return plain;
  const suffix = shortHash(id);
  const kept = plain.slice(0, longest - suffix.length - 1).replace(/[-.]+$/, "");
  return kept === "" ? suffix : `${kept}-${suffix}`;
}

/**
 * Ids of which no project may be: beside the folders of projects okstra keeps `worktrees/registry.json` and `scratch/slot-<N>`
 * in its home. Groups and tasks have folders of their own, where nothing else lies.
 */
export const isReservedProject = (projectId: string): boolean => /^(registry\.json|slot-\d+)$/.test(segment(projectId));

/** The key with each id as its segment: what look-ups compare. */
export const segmentsOf = (key: TaskKey): TaskKey => ({
  project: segment(key.project),
  group: segment(key.group),
  task: segment(key.task),
});

export const sameTask = (a: TaskKey, b: TaskKey): boolean => segmentPath(a) === segmentPath(b);

/** `p/g/t` of segments: registry keys, lock and head folders. */
export const segmentPath = (key: TaskKey): string => {
  const { project, group, task } = segmentsOf(key);
  return `${project}/${group}/${task}`;
};

const lettersAndDigits = (text: string): string => (text.match(/[\p{L}\p{N}]/gu) ?? []).join("");

/** 8 hex digits that tell ids apart whose plain form is the same (FNV-1a, mixed once more); no secret rests on it. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, "0");
}
