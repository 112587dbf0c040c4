/** The worktrees that okstra made. */
import { listWorktrees, pruneTrees, releaseStages, removeTrees, worktreePath } from "../../engine/index.ts";
import { take, unreachable } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { WorktreeOptions } from "../commands/worktree.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";
import { prunedText, releasedText, removedText, worktreesText } from "../worktrees-text.ts";

export async function worktree(context: Context, options: WorktreeOptions): Promise<Answer> {
  const { world, cwd } = context;
  const key = options.task === null ? null : await keyOf(context, options.task);
  switch (options.action) {
    case "list": {
      const entries = take(await listWorktrees(world, { cwd, key, all: options.all, disk: options.disk }));
      return { json: { entries }, text: (paint) => worktreesText(entries, paint), exit: 0 };
    }
    case "prune": {
      const pruned = take(await pruneTrees(world, { cwd, key, all: options.all, explain: options.explain }));
      return { json: pruned, text: (paint) => prunedText(pruned, paint), exit: 0 };
    }
    case "path": {
      const found = take(await worktreePath(world, await keyOf(context, options.task), options.stage));
      return { json: found, text: () => found.path, exit: 0 };
    }
    case "release": {
      const ask = { cwd, key: await keyOf(context, options.task), stage: options.stage, force: options.force };
      const released = take(await releaseStages(world, ask));
      return { json: { released }, text: (paint) => releasedText(released, paint), exit: 0 };
    }
    case "remove": {
      const ask = { cwd, key: await keyOf(context, options.task), wanted: options.wanted, force: options.force };
      const removed = take(await removeTrees(world, ask));
      return { json: { removed }, text: (paint) => removedText(removed, paint), exit: 0 };
    }
    default:
      return unreachable(options);
  }
}
