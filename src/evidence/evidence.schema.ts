/** Rows of `<home>/evidence/<commit>.jsonl`: what looking came to, by what was asked. Code imports types only. */
import { z } from "zod";
import { evidenceState } from "../convergence/convergence.schema.ts";

export const keptVerdict = z.strictObject({
  schemaVersion: z.literal(1),
  /** Hash of the commit, of what was cited, and of the version of okstra that looked. */
  asked: z.string(),
  state: evidenceState,
  note: z.string(),
  lines: z.strictObject({ start: z.int(), end: z.int() }).nullable(),
  /** Hash of the above: a row that was cut or edited is none. */
  sha256: z.string(),
});

export type KeptVerdict = z.infer<typeof keptVerdict>;

export const schemas = { "kept-verdict": keptVerdict };
