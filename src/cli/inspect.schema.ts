/** What `okstra inspect` answers. Code imports types only. */
import { z } from "zod";
import {
  convergenceState,
  familyVote,
  item,
  itemClass,
  itemVerdict,
  member,
  planBodyState,
  planItem,
} from "../convergence/convergence.schema.ts";
import { runSummary } from "../lifecycle/task.schema.ts";
import { taskTypes } from "../model/task.ts";

const explained = z.strictObject({
  stated: z.array(
    z.strictObject({ ...member.shape, support: z.enum(["none", "refuted", "held"]), standing: z.string() }),
  ),
  classBlind: itemClass,
  rounds: z.array(
    z.strictObject({
      round: z.int(),
      asked: z.array(z.string()),
      verdicts: z.array(itemVerdict),
      failed: z.array(z.strictObject({ worker: z.string(), why: z.string() })),
      class: itemClass,
    }),
  ),
  votes: z.array(familyVote),
  rules: z.array(z.strictObject({ class: itemClass, fits: z.boolean(), why: z.string() })),
  end: z.string(),
});

const decision = z.strictObject({ who: z.string(), time: z.string(), reason: z.string() });

/** `okstra inspect RUN`: each item with the steps that led to its class. */
export const inspectAnswer = z.strictObject({
  schemaVersion: z.literal(1),
  run: runSummary,
  reviewedCommit: z.string().nullable(),
  notes: z.array(z.string()),
  convergence: convergenceState.omit({ schemaVersion: true, items: true }).nullable(),
  items: z.array(z.strictObject({ ...item.shape, explained })),
  planBody: z
    .strictObject({
      ...planBodyState.omit({ schemaVersion: true, items: true }).shape,
      items: z.array(z.strictObject({ ...planItem.shape, why: z.string() })),
    })
    .nullable(),
  /** What persons let pass of what the run found. */
  overrides: z.array(decision.extend({ item: z.string(), run: z.string() })),
  /** Who took the residual risks of a verification, and why. */
  acceptance: decision.nullable(),
  /** How evidence of each kind was checked. */
  how: z.record(z.string(), z.string()),
});

/** `okstra inspect --yield`: a row a worker, model and task type. */
export const yieldAnswer = z.strictObject({
  schemaVersion: z.literal(1),
  runs: z.int(),
  rows: z.array(
    z.strictObject({
      worker: z.string(),
      model: z.string(),
      taskType: z.enum(taskTypes),
      runs: z.int(),
      raised: z.int(),
      confirmed: z.int(),
      refuted: z.int(),
      open: z.int(),
      uniqueConfirmed: z.int(),
      tokens: z.number(),
      costUsd: z.number().nullable(),
      costPerConfirmed: z.number().nullable(),
    }),
  ),
  notes: z.array(z.string()),
});

export type YieldAnswer = z.infer<typeof yieldAnswer>;
export type InspectAnswer = z.infer<typeof inspectAnswer>;

export const schemas = { "inspect-answer": inspectAnswer, "yield-answer": yieldAnswer };
