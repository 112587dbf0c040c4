/** Worktrees for people, one a line. Pure. */
import type { ListedTree, Pruned, ReleasedTree, RemovedTree } from "../engine/index.ts";
import type { Paint } from "./paint.ts";
import { bytesOf, columns, oneLine } from "./text.ts";

export function worktreesText(entries: readonly ListedTree[], paint: Paint): string {
  if (entries.length === 0) return "No worktree yet";
  const sized = entries.some(({ diskBytes }) => diskBytes !== null);
  const rows = entries.map((entry) => [
    oneLine(entry.key),
    entry.status,
    stateOf(entry),
    ...(sized ? [entry.diskBytes === null ? "-" : bytesOf(entry.diskBytes)] : []),
    oneLine(entry.branch),
    oneLine(entry.path),
  ]);
  const names = ["WORKTREE", "STATUS", "STATE", ...(sized ? ["DISK"] : []), "BRANCH", "PATH"];
  const [head = "", ...lines] = columns([names, ...rows]);
  return [paint.faint(head), ...lines.map((line, index) => painted(line, entries[index], paint))].join("\n");
}

function stateOf({ status, present, dirty, merged, pushed, holder, head, baseCommit }: ListedTree): string {
  const held = holder === null ? "" : `${holder.state === "dead" ? "left by" : "held by"} ${shortRun(holder.run)}`;
  if (!present) return held === "" ? "gone" : `gone, ${held}`;
  const words = [
    dirty === true ? "dirty" : "",
    head === null && status !== "pending" ? "its repository cannot be read" : "",
    ...(head === baseCommit
      ? ["no commits yet"]
      : [merged === true ? "merged" : merged === false ? "not merged" : "", pushed === true ? "pushed" : ""]),
    held,
  ];
  return words.filter((word) => word !== "").join(", ") || "-";
}

/** The key of the task stands in the line already. */
const shortRun = (run: string): string => oneLine(run.slice(run.indexOf("@") + 1));

function painted(line: string, entry: ListedTree | undefined, paint: Paint): string {
  if (entry?.present === false) return paint.bad(line);
  return entry?.dirty === true ? paint.warn(line) : line;
}

export function releasedText(released: readonly ReleasedTree[], paint: Paint): string {
  if (released.length === 0) return "No stage is held by a run that is dead";
  return released
    .map(({ stage, run, path }) => `${paint.good("✓")} Stage ${stage} is free; ${oneLine(run)} left ${oneLine(path)}`)
    .join("\n");
}

export function removedText(removed: readonly RemovedTree[], paint: Paint): string {
  return removed
    .flatMap((tree) => [
      `${paint.good("✓")} Removed ${oneLine(tree.key)}, its branch ${oneLine(tree.branch)} ${tree.branchDeleted ? "too" : "stays"}`,
      ...tree.rescue.map((ref) => `  kept at ${oneLine(ref)}; bring it back: git branch NAME ${oneLine(ref)}`),
      ...tree.kept.map((folder) => `  kept in ${oneLine(folder)}`),
      ...tree.notes.map((note) => `  ${oneLine(note)}`),
    ])
    .join("\n");
}

export function prunedText({ explain, entries }: Pruned, paint: Paint): string {
  if (entries.length === 0) return "No worktree yet";
  const words = explain
    ? { removed: "would go", stripped: "would shrink", kept: "stays" }
    : { removed: "removed", stripped: "shrunk", kept: "stays" };
  const rows = entries.map((one) => [oneLine(one.key), words[one.action], bytesOf(one.diskBytes), one.why.join("; ")]);
  const lines = columns([["WORKTREE", "WHAT", "DISK", "WHY"], ...rows.map((row) => row.map(oneLine))]);
  const freed = entries.reduce((sum, one) => sum + one.freedBytes, 0);
  const all = entries.reduce((sum, one) => sum + one.diskBytes, 0);
  const told = explain ? `okstra worktree prune would free ${bytesOf(freed)}` : `Freed ${bytesOf(freed)}`;
  return [paint.faint(lines[0] ?? ""), ...lines.slice(1), `${told} of ${bytesOf(all)}`].join("\n");
}
