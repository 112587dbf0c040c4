/** What the `notify` command of the settings is told on stdin when a gate needs a person. Code imports types only. */
import { z } from "zod";
import { outcomes, taskTypes } from "../model/task.ts";

export const gateNotice = z.strictObject({
  schemaVersion: z.literal(1),
  taskKey: z.string(),
  projectRoot: z.string(),
  /** A gate of `okstra status`, or why a run is blocked: `clarifications`, `plan approval`, `merge-conflict`, `degraded` ... */
  gate: z.string(),
  /** What is to be decided and with which command; sentences. */
  needs: z.array(z.string()),
  /** The run that stopped; null when none could start. */
  run: z.string().nullable(),
  taskType: z.enum(taskTypes).nullable(),
  outcome: z.enum(outcomes).nullable(),
  verdict: z.string().nullable(),
  time: z.iso.datetime(),
});

export type GateNotice = z.infer<typeof gateNotice>;

export const schemas = { "gate-notice": gateNotice };
