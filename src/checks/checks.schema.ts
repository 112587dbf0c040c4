/** What validators and doctor print under `--json`. Code imports types only. */
import { z } from "zod";

export const check = z.strictObject({
  /** Stable; a part after a colon names what was looked at (`agent:claude`). */
  id: z.string(),
  severity: z.enum(["error", "warning", "info"]),
  ok: z.boolean(),
  /** A file, folder, worktree or program; with a line where one is meant. */
  where: z.string(),
  message: z.string(),
  /** How to go on; empty where nothing is to be done. */
  remedy: z.string(),
});

/** `ok`: no row of severity `error` failed. */
export const checkList = z.strictObject({ schemaVersion: z.literal(1), ok: z.boolean(), checks: z.array(check) });

export type Check = z.infer<typeof check>;
export type CheckList = z.infer<typeof checkList>;

export const schemas = { "check-list": checkList };
