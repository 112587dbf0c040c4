/** What branches are called (worktrees.md, Task worktree and Base of a stage worktree). Pure. */
import { segmentsOf } from "../lifecycle/index.ts";
import { fault, type TaskKey } from "../model/index.ts";

export type BranchAsk = {
  readonly key: TaskKey;
  /** `fix`, `feat`, ... */
  readonly prefix: string;
  /** What the user gave with `--branch`: stands for `<prefix>-<task>` as a whole. */
  readonly chosen?: string | null;
  /** Null: the task's own branch. */
  readonly stage: number | null;
  /** Which approved plan of the task the stage belongs to, 1 first. */
  readonly planNumber: number;
};

/** The branch's name without `refs/heads/`. Throws `usage` when the chosen name cannot be a branch. */
export function planBranch({ key, prefix, chosen, stage, planNumber }: BranchAsk): string {
  const base = chosen ?? `${prefix}-${segmentsOf(key).task}`;
  const name = stage === null ? base : `${base}${planNumber > 1 ? `-p${planNumber}` : ""}-s${stage}`;
  if (!isBranchName(name)) {
    throw fault(
      "usage",
      `"${base}" cannot be the name of a branch`,
      "Give another name with --branch NAME, such as --branch feat-login",
      { branch: base },
    );
  }
  return name;
}

/** What `--branch` may say when another group of the project has the plain name already. */
export function otherBranch(key: TaskKey, prefix: string): string {
  const { group, task } = segmentsOf(key);
  return `${prefix}-${group}-${task}`;
}

/** The rules of `git check-ref-format --branch`. */
export function isBranchName(name: string): boolean {
  if (
    name === "" ||
    name === "@" ||
    name === "HEAD" ||
    name.startsWith("-") ||
    name.endsWith("/") ||
    name.endsWith(".")
  )
    return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: git forbids just these
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\//.test(name)) return false;
  return name.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}
