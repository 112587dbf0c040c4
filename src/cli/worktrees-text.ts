/** Worktrees for people, one a line. Pure. */
import type { ListedTree } from "../engine/index.ts";
import type { Paint } from "./paint.ts";
import { bytesOf, columns, oneLine } from "./text.ts";

export function worktreesText(entries: readonly ListedTree[], paint: Paint): string {
  if (entries.length === 0) return "No worktree yet";
  const rows = entries.map((entry) => [
    oneLine(entry.key),
    entry.status,
    stateOf(entry),
    entry.diskBytes === null ? "-" : bytesOf(entry.diskBytes),
    oneLine(entry.branch),
    oneLine(entry.path),
  ]);
  const [head = "", ...lines] = columns([["WORKTREE", "STATUS", "STATE", "DISK", "BRANCH", "PATH"], ...rows]);
  return [paint.faint(head), ...lines.map((line, index) => painted(line, entries[index], paint))].join("\n");
}

function stateOf({ present, dirty, merged }: ListedTree): string {
  if (!present) return "gone";
  const words = [dirty === true ? "dirty" : "", merged === true ? "merged" : merged === false ? "not merged" : ""];
  return words.filter((word) => word !== "").join(", ") || "-";
}

function painted(line: string, entry: ListedTree | undefined, paint: Paint): string {
  if (entry?.present === false) return paint.bad(line);
  return entry?.dirty === true ? paint.warn(line) : line;
}
