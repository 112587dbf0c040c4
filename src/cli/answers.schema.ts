/** The JSON documents that commands answer with (interface.md, JSON shapes). Fields may be added, never renamed. */
import { z } from "zod";
import {
  approval,
  catalogEntry,
  clarification,
  runManifest,
  runSummary,
  workerSpec,
} from "../lifecycle/task.schema.ts";
import { taskTypes } from "../model/task.ts";
import { project } from "../settings/settings.schema.ts";

const version = z.literal(1);

const tokenSums = z.strictObject({ input: z.number(), cachedInput: z.number(), output: z.number() });

export const demoAnswer = z.strictObject({
  schemaVersion: version,
  project: z.string(),
  taskKey: z.string(),
  elapsedMs: z.number(),
  verdict: z.string().nullable(),
  runs: z.array(runSummary),
  /** With real agents: what the model server charged and what okstra counted, in tokens, and the attempts to write outside. */
  real: z
    .strictObject({
      agents: z.array(z.strictObject({ name: z.string(), version: z.string().nullable(), calls: z.int() })),
      charged: tokenSums,
      counted: tokenSums,
      attempts: z.int(),
      changed: z.array(z.string()),
    })
    .optional(),
});

export const listAnswer = z.strictObject({ schemaVersion: version, tasks: z.array(catalogEntry) });

/** A row of a report that can become a task; `key` is null while it did not. */
const leftBehind = z.strictObject({
  id: z.string(),
  title: z.string(),
  taskType: z.enum(taskTypes),
  why: z.string(),
  kind: z.enum(["part", "candidate", "follow-up"]),
  run: z.string(),
  key: z.string().nullable(),
});

/** `followups list|spawn`; `made` is null for a row that is only listed. */
export const followupsAnswer = z.strictObject({
  schemaVersion: version,
  task: z.string(),
  rows: z.array(z.strictObject({ ...leftBehind.shape, made: z.enum(["now", "before"]).nullable() })),
});

/** The newest fix cycle of a task. */
const fixCycle = z.strictObject({
  cycle: z.int().min(1),
  state: z.enum(["open", "closed"]),
  reason: z.string(),
  /** The run whose result it reopens. */
  reopens: z.string(),
  openedAt: z.iso.datetime(),
  runs: z.array(z.string()),
});

/** `fixcycle`; `as` tells how it was closed, null when it was opened. */
export const fixCycleAnswer = z.strictObject({
  schemaVersion: version,
  task: z.string(),
  fixCycle,
  as: z.enum(["handed-over", "dropped"]).nullable(),
});

export const statusAnswer = z.strictObject({
  schemaVersion: version,
  task: z.strictObject({
    key: z.string(),
    title: z.string(),
    category: z.string(),
    phase: z.enum(taskTypes),
    origin: z.strictObject({ task: z.string(), baseRef: z.string().nullable() }).nullable(),
    fixCycle: z.strictObject({ ...fixCycle.shape, handedOver: z.boolean() }).nullable(),
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
        merged: z.boolean().nullable(),
      }),
    ),
  }),
  runs: z.array(runSummary),
  clarifications: z.array(clarification),
  left: z.array(leftBehind),
  interrupted: z.array(z.string()),
});

/** `run`, `resume`, `cancel`, `handoff`: the run. */
export const runAnswer = z.strictObject({ schemaVersion: version, ...runSummary.shape });

/** `implement`: the runs, in the order in which they ended. */
export const runsAnswer = z.strictObject({ schemaVersion: version, runs: z.array(runSummary) });

export const goAnswer = z.strictObject({
  schemaVersion: version,
  runs: z.array(runSummary),
  needs: z.array(z.string()),
  task: statusAnswer.shape.task,
  /** With `--dry-run`: the runs that would be resumed. */
  resumes: z.array(z.string()).optional(),
});

export const prepareAnswer = z.strictObject({
  schemaVersion: version,
  ...runSummary.shape,
  prompts: z.array(z.string()),
  manifest: z.string(),
});

/** `show RUN`; `show TASK` answers as `status` does. */
export const showRunAnswer = z.strictObject({
  schemaVersion: version,
  run: runSummary,
  roster: z.array(workerSpec),
  notes: z.array(z.string()),
  invocation: runManifest.shape.invocation,
  steps: z.array(
    z.strictObject({
      step: z.string(),
      state: z.enum(["started", "completed", "failed", "skipped"]),
      note: z.string(),
    }),
  ),
  dispatches: z.array(
    z.strictObject({
      name: z.string(),
      worker: z.string(),
      role: z.string(),
      purpose: z.string(),
      status: z.string(),
      reason: z.string().nullable(),
      modelServed: z.string().nullable(),
      durationMs: z.number().nullable(),
    }),
  ),
});

/** `report`: where its three forms are, and the Markdown. */
export const reportAnswer = z.strictObject({
  schemaVersion: version,
  run: z.string(),
  data: z.string(),
  markdown: z.string(),
  html: z.string(),
  text: z.string(),
});

export const approveAnswer = z.strictObject({
  schemaVersion: version,
  run: z.string(),
  content: z.string(),
  record: approval,
  report: z.string(),
});

/** `answer`, `reject`: the item as it stands now; `answer` says which earlier answer this one replaced. */
export const clarificationAnswer = z.strictObject({
  schemaVersion: version,
  clarification,
  replaced: z.string().nullable().optional(),
});

export const initAnswer = z.strictObject({
  schemaVersion: version,
  projectId: z.string(),
  projectRoot: z.string(),
  already: z.boolean(),
  project,
  branch: z.string().nullable(),
  notes: z.array(z.string()),
});

/** Names of places with their paths; a dot parts a group from its member. */
export const pathsAnswer = z.strictObject({
  schemaVersion: version,
  home: z.record(z.string(), z.string()),
  project: z.record(z.string(), z.string()).nullable(),
  package: z.record(z.string(), z.string()),
});

/** `reconcile`, one for each task. */
export const reconcileAnswer = z.strictObject({
  schemaVersion: version,
  tasks: z.array(
    z.strictObject({
      key: z.string(),
      /** Runs of killed prepares that were undone. */
      undone: z.array(z.string()),
      /** Runs that had ended and got their record. */
      recorded: z.array(z.string()),
      /** Ledger rows that were lost and are there again. */
      rows: z.array(z.strictObject({ stage: z.int(), status: z.string(), run: z.string() })),
      corrected: z.array(
        z.strictObject({
          what: z.enum(["stage", "anchor", "base"]),
          stage: z.int().nullable(),
          from: z.string(),
          to: z.string().nullable(),
          by: z.enum(["patch-id", "trailer", "merge-base"]).nullable(),
          why: z.string(),
        }),
      ),
      accepted: z.array(z.strictObject({ stage: z.int(), head: z.string(), path: z.string(), merged: z.boolean() })),
      /** What a person has to look at; exit code 3 when there is any. */
      left: z.array(z.strictObject({ what: z.string(), why: z.string(), remedy: z.string() })),
    }),
  ),
});

/** `reindex`; `kept`: runs listed as they stood before, since what holds them could not be read. */
export const reindexAnswer = z.strictObject({
  schemaVersion: version,
  projects: z.int(),
  tasks: z.int(),
  runs: z.int(),
  kept: z.int(),
  unread: z.array(z.strictObject({ path: z.string(), why: z.string() })),
});

export const versionAnswer = z.strictObject({
  schemaVersion: version,
  version: z.string(),
  node: z.string(),
  platform: z.string(),
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
export type FollowupsAnswer = z.infer<typeof followupsAnswer>;
export type StatusAnswer = z.infer<typeof statusAnswer>;
export type FixCycleAnswer = z.infer<typeof fixCycleAnswer>;
export type RunAnswer = z.infer<typeof runAnswer>;
export type RunsAnswer = z.infer<typeof runsAnswer>;
export type GoAnswer = z.infer<typeof goAnswer>;
export type PrepareAnswer = z.infer<typeof prepareAnswer>;
export type ShowRunAnswer = z.infer<typeof showRunAnswer>;
export type ReportAnswer = z.infer<typeof reportAnswer>;
export type ApproveAnswer = z.infer<typeof approveAnswer>;
export type ClarificationAnswer = z.infer<typeof clarificationAnswer>;
export type InitAnswer = z.infer<typeof initAnswer>;
export type PathsAnswer = z.infer<typeof pathsAnswer>;
export type ReconcileAnswer = z.infer<typeof reconcileAnswer>;
export type ReindexAnswer = z.infer<typeof reindexAnswer>;
export type VersionAnswer = z.infer<typeof versionAnswer>;
export type FailureAnswer = z.infer<typeof failureAnswer>;

export const schemas = {
  "demo-answer": demoAnswer,
  "list-answer": listAnswer,
  "status-answer": statusAnswer,
  "followups-answer": followupsAnswer,
  "fix-cycle-answer": fixCycleAnswer,
  "run-answer": runAnswer,
  "runs-answer": runsAnswer,
  "go-answer": goAnswer,
  "prepare-answer": prepareAnswer,
  "show-run-answer": showRunAnswer,
  "report-answer": reportAnswer,
  "approve-answer": approveAnswer,
  "clarification-answer": clarificationAnswer,
  "init-answer": initAnswer,
  "paths-answer": pathsAnswer,
  "reconcile-answer": reconcileAnswer,
  "reindex-answer": reindexAnswer,
  "version-answer": versionAnswer,
  "failure-answer": failureAnswer,
};
