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

/** What `doctor --fix` did about a disagreement: what was `did` when it was `mended`, else why it was `left`. */
export const fix = z.strictObject({
  /** That of the check. */
  id: z.string(),
  where: z.string(),
  found: z.string(),
  mended: z.boolean(),
  did: z.string(),
  left: z.string(),
});

/** `ok`: no row of severity `error` failed. */
export const checkList = z.strictObject({ schemaVersion: z.literal(1), ok: z.boolean(), checks: z.array(check) });

/** `okstra doctor`; `fixes` with `--fix` only. `checks` is how things stand afterwards. */
export const doctorAnswer = checkList.extend({ fixes: z.array(fix).optional() });

export type Check = z.infer<typeof check>;
export type Fix = z.infer<typeof fix>;
export type DoctorAnswer = z.infer<typeof doctorAnswer>;
export type CheckList = z.infer<typeof checkList>;

export const schemas = { "check-list": checkList, "doctor-answer": doctorAnswer };
