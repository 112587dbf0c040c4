/** The worktrees that okstra made. */
import { listWorktrees, worktreePath } from "../../engine/index.ts";
import { take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { WorktreeOptions } from "../commands/worktree.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";
import { worktreesText } from "../worktrees-text.ts";

export async function worktree(context: Context, options: WorktreeOptions): Promise<Answer> {
  const { world, cwd } = context;
  if (options.action === "path") {
    const found = take(await worktreePath(world, await keyOf(context, options.task), options.stage));
    return { json: found, text: () => found.path, exit: 0 };
  }
  const key = options.task === null ? null : await keyOf(context, options.task);
  const entries = take(await listWorktrees(world, { cwd, key, all: options.all }));
  return { json: { entries }, text: (paint) => worktreesText(entries, paint), exit: 0 };
}
