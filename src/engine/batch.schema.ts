/** The record of a rerun: `<home>/batches/<time>-<id>.json`, also what `okstra rerun --json` prints. Code imports types only. */
import { z } from "zod";
import { runSummary } from "../lifecycle/task.schema.ts";

export const batchItem = z.strictObject({
  originalRunId: z.string(),
  /** Null where no run was made; with `dry-run` those that would be next. */
  newRunId: z.string().nullable(),
  newRunSeq: z.int().min(1).nullable(),
  /** Of tmux, where the run is detached in a session. */
  sessionName: z.string().nullable(),
  status: z.enum(["spawned", "skipped", "rejected", "dry-run"]),
  spawnedAt: z.iso.datetime().nullable(),
  /** Why it was skipped or rejected, and what to do instead. */
  skipReason: z.string().nullable(),
});

const batch = {
  schemaVersion: z.literal(1),
  selectorRaw: z.string(),
  maxSpawn: z.int().min(1).nullable(),
  items: z.array(batchItem),
  summary: z.strictObject({
    total: z.int().min(0),
    spawned: z.int().min(0),
    skipped: z.int().min(0),
    rejected: z.int().min(0),
  }),
};

export const rerunBatch = z.strictObject(batch);

/** `record` is null with `--dry-run`; `runs` holds those that this command executed. */
export const rerunAnswer = z.strictObject({
  ...batch,
  record: z.string().nullable(),
  runs: z.array(runSummary),
});

export type BatchItem = z.infer<typeof batchItem>;
export type RerunBatch = z.infer<typeof rerunBatch>;
export type RerunAnswer = z.infer<typeof rerunAnswer>;

export const schemas = { "rerun-batch": rerunBatch, "rerun-answer": rerunAnswer };
