/** The JSON documents that commands answer with (interface.md, JSON shapes). Fields may be added, never renamed. */
import { z } from "zod";
import { catalogEntry, clarification, runSummary } from "../lifecycle/task.schema.ts";
import { taskTypes } from "../model/task.ts";

const version = z.literal(1);

export const demoAnswer = z.strictObject({
  schemaVersion: version,
  project: z.string(),
  taskKey: z.string(),
  elapsedMs: z.number(),
  verdict: z.string().nullable(),
  runs: z.array(runSummary),
});

export const listAnswer = z.strictObject({ schemaVersion: version, tasks: z.array(catalogEntry) });

export const statusAnswer = z.strictObject({
  schemaVersion: version,
  task: z.strictObject({
    key: z.string(),
    title: z.string(),
    category: z.string(),
    phase: z.enum(taskTypes),
    next: z.strictObject({ taskType: z.enum(taskTypes), why: z.string() }).nullable(),
    gates: z.array(z.strictObject({ name: z.string(), open: z.boolean(), needs: z.array(z.string()) })),
    stages: z.array(
      z.strictObject({
        stageNumber: z.int(),
        title: z.string(),
        dependsOn: z.array(z.int()),
        state: z.enum(["blocked", "ready", "active", "done", "verified", "merge-conflict"]),
        run: z.string().nullable(),
        branch: z.string().nullable(),
        headCommit: z.string().nullable(),
      }),
    ),
  }),
  runs: z.array(runSummary),
  clarifications: z.array(clarification),
  interrupted: z.array(z.string()),
});

export const failureAnswer = z.strictObject({
  schemaVersion: version,
  error: z.strictObject({
    reason: z.string(),
    message: z.string(),
    remedy: z.string(),
    details: z.record(z.string(), z.unknown()),
  }),
});

export type DemoAnswer = z.infer<typeof demoAnswer>;
export type ListAnswer = z.infer<typeof listAnswer>;
export type StatusAnswer = z.infer<typeof statusAnswer>;
export type FailureAnswer = z.infer<typeof failureAnswer>;

export const schemas = {
  "demo-answer": demoAnswer,
  "list-answer": listAnswer,
  "status-answer": statusAnswer,
  "failure-answer": failureAnswer,
};
