/**
 * The mark beside a tree that says okstra made it: written under the repository lock once nothing stands in the way and
 * before git runs, gone when the tree is undone. Without it undoing takes nothing away, so that a branch or folder of the
 * user's, on which an add was refused, is never touched. A refusal removes the mark of an earlier tree at the same path.
 */
import { basename, dirname, join } from "node:path";
import { checkMadeTree } from "../generated/worktrees.check.js";
import { type Host, isoTime } from "../host/index.ts";
import { parseJson, schemaVersion } from "../model/index.ts";
import type { MadeTree } from "./worktrees.schema.ts";

export type Made = {
  readonly path: string;
  readonly branch: string | null;
  readonly commit: string;
  readonly repository: string;
};

export async function writeMade(host: Host, made: Made): Promise<void> {
  const mark: MadeTree = { schemaVersion, ...made, madeAt: isoTime(host.clock) };
  if (!checkMadeTree(mark)) throw new Error(`not a tree to make: ${JSON.stringify(mark)}`);
  await host.files.replaceFile(markOf(made.path), `${JSON.stringify(mark)}\n`);
}

/** Whether okstra made just this tree. */
export async function wasMade(host: Host, made: Made): Promise<boolean> {
  const text = await host.files.readText(markOf(made.path));
  if (text === undefined) return false;
  const mark = parseJson(checkMadeTree, text, "mark of a worktree", markOf(made.path));
  return (
    mark.path === made.path &&
    mark.branch === made.branch &&
    mark.commit === made.commit &&
    mark.repository === made.repository
  );
}

export const forgetMade = (host: Host, path: string): Promise<void> => host.files.removeFile(markOf(path));

const markOf = (path: string): string => join(dirname(path), `.${basename(path)}.made.json`);
