/** What the worktrees room leaves on disk beside its trees. Code imports types only. */
import { z } from "zod";

const version = z.literal(1);
const time = z.iso.datetime();
const sha = z.string().regex(/^[0-9a-f]{40,64}$/);

/** Says that okstra itself made the tree at `path` and its branch, so that undoing may take them away again. */
export const madeTree = z.strictObject({
  schemaVersion: version,
  path: z.string().min(1),
  /** Null: a detached tree, or one on a branch that was there before. */
  branch: z.string().min(1).nullable(),
  commit: sha,
  /** The repository's common git folder. */
  repository: z.string().min(1),
  madeAt: time,
});

/** The process that a throwaway tree belongs to. */
export const throwawayOwner = z.strictObject({
  schemaVersion: version,
  name: z.string().min(1),
  pid: z.int(),
  startTime: z.string(),
  bootId: z.string(),
  machine: z.string(),
  commit: sha,
  openedAt: time,
});

export type MadeTree = z.infer<typeof madeTree>;
export type ThrowawayOwner = z.infer<typeof throwawayOwner>;

export const schemas = { "made-tree": madeTree, "throwaway-owner": throwawayOwner };
