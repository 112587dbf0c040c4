/**
 * Report documents. `*-prose` is what a report writer (a model) may return; `report-*` is the whole document, whose facts
 * come from the run's state only. Code imports types only.
 */
import { z } from "zod";
import { checkedEvidence, item, itemVerdict, planBodyState, resolvedItem } from "../convergence/convergence.schema.ts";
import { clarification, usage, workerSpec } from "../lifecycle/task.schema.ts";
import { outcomes, taskTypes } from "../model/task.ts";
import { plan, stage } from "../stages/stage-map.schema.ts";

const text = z.string().max(50_000);
const line = z.string().max(2_000);

export const followUp = z.strictObject({
  title: z.string().min(1).max(200),
  taskType: z.enum(taskTypes),
  why: line,
  suggestedId: z.string().min(1).max(80),
});

const proseCommon = {
  schemaVersion: z.literal(1),
  summary: z.string().min(1).max(50_000),
  direction: line,
  followUps: z.array(followUp).max(50),
};

const discovery = {
  category: z.enum(["bugfix", "feature", "refactor", "ops", "improvement"]),
  routing: z.strictObject({ taskType: z.enum(taskTypes), why: line }),
  missingInputs: z.array(line).max(100),
  /** Tasks that the request falls into, or candidates, best first; `items` are those of the report that show why. */
  fanOut: z.array(z.strictObject({ ...followUp.shape, items: z.array(z.string()).max(50).optional() })).max(50),
};
const analysis = {
  symptoms: z.array(line).max(50),
  triggers: z.array(line).max(50),
  hypotheses: z
    .array(
      z.strictObject({ text: line, items: z.array(z.string()).max(50), likelihood: z.enum(["high", "medium", "low"]) }),
    )
    .max(50),
  reproduction: text,
  validationPath: text,
};
const handoffProse = { message: z.string().max(5_000), body: text };

/** What each writer may return: prose and the deliverable's own content, never facts. */
export const proseSchemas = {
  "discovery-prose": z.strictObject({ ...proseCommon, ...discovery }),
  "analysis-prose": z.strictObject({ ...proseCommon, ...analysis }),
  "planning-prose": z.strictObject({ ...proseCommon, plan }),
  "implementation-prose": z.strictObject({ ...proseCommon }),
  "verification-prose": z.strictObject({ ...proseCommon, residualRisks: z.array(line).max(100) }),
  "handoff-prose": z.strictObject({ ...proseCommon, ...handoffProse }),
};

/** A command that the engine ran itself. `did-not-run` and `no-work` never count as passed. */
export const commandRun = z.strictObject({
  name: z.string(),
  command: z.string(),
  at: z.string(),
  commit: z.string().nullable(),
  exitCode: z.int().nullable(),
  outcome: z.enum(["passed", "failed", "did-not-run", "no-work"]),
  durationMs: z.number(),
  log: z.string(),
  sandbox: z.string(),
});

export const tddEvidence = z.strictObject({
  step: z.string(),
  testCommit: z.string().nullable(),
  fixCommit: z.string().nullable(),
  command: z.string().nullable(),
  redExit: z.int().nullable(),
  greenExit: z.int().nullable(),
  holds: z.boolean(),
  note: z.string(),
});

/** A mechanical check of the engine on what an executor or verifier left behind. */
export const mechanicalCheck = z.strictObject({
  id: z.string(),
  ok: z.boolean(),
  blocking: z.boolean(),
  message: z.string(),
});

const tokenUse = z.strictObject({
  input: z.number(),
  cachedInput: z.number(),
  cacheWrite: z.number(),
  output: z.number(),
  reasoning: z.number(),
  costUsd: z.number().nullable(),
});

const common = {
  schemaVersion: z.literal(1),
  taskKey: z.string(),
  run: z.string(),
  runSeq: z.int(),
  stage: z.int().nullable(),
  title: z.string(),
  createdAt: z.iso.datetime(),
  okstraVersion: z.string(),
  language: z.enum(["en", "ko"]),
  owner: z.string(),
  author: z.string(),
  scripted: z.boolean(),
  sandbox: z.string(),
  outcome: z.enum(outcomes),
  roster: z.array(
    z.strictObject({
      ...workerSpec.omit({ agent: true, model: true, worker: true }).shape,
      workerId: z.string(),
      modelRequested: z.string(),
      modelServed: z.string().nullable(),
      status: z.enum(["completed", "timeout", "error", "not-run"]),
      reason: z.string().nullable(),
      durationMs: z.number(),
    }),
  ),
  verdictCard: z.strictObject({
    finalConclusion: text,
    verdictToken: z.string(),
    direction: z.string(),
    approvalRequired: z.boolean(),
    nextStep: z.string(),
  }),
  summary: z.string(),
  clarifications: z.array(clarification),
  items: z.array(item),
  dissent: z.array(z.strictObject({ item: z.string(), verdicts: z.array(itemVerdict) })),
  evidence: z.array(z.strictObject({ item: z.string(), worker: z.string(), checked: checkedEvidence })),
  convergence: z.strictObject({
    standing: z.string(),
    rounds: z.int(),
    endedBecause: z.string(),
    counts: z.record(z.string(), z.int()),
    /** What earlier runs of this phase stated and this one does not. */
    resolved: z.array(resolvedItem).optional(),
    skippedWorkers: z.array(z.strictObject({ worker: z.string(), round: z.int(), why: z.string() })),
  }),
  usage: z.strictObject({
    all: usage,
    byWorker: z.array(z.strictObject({ workerId: z.string(), role: z.string(), usage })),
    /** Dispatches whose stream and session log do not say the same of what was used. */
    compared: z
      .array(
        z.strictObject({
          dispatch: z.string(),
          stream: tokenUse.nullable(),
          log: tokenUse,
          counts: z.enum(["stream", "log", "neither"]),
        }),
      )
      .optional(),
  }),
  timeline: z.array(
    z.strictObject({ step: z.string(), startedAt: z.string(), endedAt: z.string().nullable(), outcome: z.string() }),
  ),
  followUps: z.array(followUp),
  limits: z.array(z.string()),
  attachments: z.array(z.strictObject({ path: z.string(), sha256: z.string() })),
};

export const approvalMark = z.strictObject({
  who: z.string(),
  via: z.string(),
  time: z.string(),
  content: z.string(),
  note: z.string(),
});

export const reportSchemas = {
  "report-requirements-discovery": z.strictObject({
    ...common,
    taskType: z.literal("requirements-discovery"),
    discovery: z.strictObject(discovery).nullable(),
  }),
  "report-improvement-discovery": z.strictObject({
    ...common,
    taskType: z.literal("improvement-discovery"),
    discovery: z.strictObject(discovery).nullable(),
  }),
  "report-error-analysis": z.strictObject({
    ...common,
    taskType: z.literal("error-analysis"),
    analysis: z.strictObject(analysis).nullable(),
  }),
  "report-implementation-planning": z.strictObject({
    ...common,
    taskType: z.literal("implementation-planning"),
    plan: plan.nullable(),
    planBodyVerification: planBodyState.nullable(),
    approval: approvalMark.nullable(),
    /** There once a person sent the plan back; `note` is the reason. An approval that stood goes then. */
    sentBack: approvalMark.optional(),
  }),
  "report-implementation": z.strictObject({
    ...common,
    taskType: z.literal("implementation"),
    stageSpec: stage,
    base: z.string(),
    head: z.string().nullable(),
    branch: z.string(),
    commits: z.array(z.strictObject({ sha: z.string(), subject: z.string(), step: z.string().nullable() })),
    files: z.array(z.strictObject({ path: z.string(), planned: z.boolean(), reason: z.string().nullable() })),
    tddEvidence: z.array(tddEvidence),
    validation: z.array(commandRun),
    outOfPlanEdits: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
    checks: z.array(mechanicalCheck),
    discrepancies: z.array(z.string()),
    verifierVerdicts: z.array(
      z.strictObject({
        workerId: z.string(),
        round: z.int(),
        verdict: z.enum(["PASS", "FAIL", "abstained"]),
        blocking: z.array(z.string()),
      }),
    ),
    fixRounds: z.int(),
    loop: z.string(),
    carry: z.string().nullable(),
    integration: z.strictObject({
      state: z.enum(["merged", "unmerged", "merge-conflict", "merge-blocked", "not-tried"]),
      commit: z.string().nullable(),
      files: z.array(z.string()),
      note: z.string(),
    }),
  }),
  "report-final-verification": z.strictObject({
    ...common,
    taskType: z.literal("final-verification"),
    scope: z.string(),
    verifiedCommit: z.string(),
    baseCommit: z.string(),
    verdict: z.enum(["accepted", "conditional-accept", "blocked"]),
    acceptanceBlockers: z.array(z.string()),
    residualRisks: z.array(z.string()),
    coverage: z.array(
      z.strictObject({
        requirement: z.string(),
        text: z.string(),
        covered: z.boolean(),
        artefact: z.string(),
        stages: z.array(z.int()),
      }),
    ),
    commands: z.array(commandRun),
    workerVerdicts: z.array(z.strictObject({ workerId: z.string(), verdict: z.string() })),
    dbState: z.enum(["not-touched", "verified", "db-unverified"]),
    /** There once a person took the residual risks. */
    acceptance: approvalMark.optional(),
  }),
  "report-release-handoff": z.strictObject({
    ...common,
    taskType: z.literal("release-handoff"),
    action: z.string(),
    base: z.string(),
    branch: z.string(),
    commands: z.array(commandRun),
    pullRequest: z.string().nullable(),
    conflictProbe: z.string(),
  }),
};

export type FollowUp = z.infer<typeof followUp>;
export type CommandRun = z.infer<typeof commandRun>;
export type TddEvidence = z.infer<typeof tddEvidence>;
export type MechanicalCheck = z.infer<typeof mechanicalCheck>;
export type ApprovalMark = z.infer<typeof approvalMark>;
export type DiscoveryProse = z.infer<(typeof proseSchemas)["discovery-prose"]>;
export type AnalysisProse = z.infer<(typeof proseSchemas)["analysis-prose"]>;
export type PlanningProse = z.infer<(typeof proseSchemas)["planning-prose"]>;
export type ImplementationProse = z.infer<(typeof proseSchemas)["implementation-prose"]>;
export type VerificationProse = z.infer<(typeof proseSchemas)["verification-prose"]>;
export type HandoffProse = z.infer<(typeof proseSchemas)["handoff-prose"]>;
export type ReportRequirementsDiscovery = z.infer<(typeof reportSchemas)["report-requirements-discovery"]>;
export type ReportImprovementDiscovery = z.infer<(typeof reportSchemas)["report-improvement-discovery"]>;
export type ReportErrorAnalysis = z.infer<(typeof reportSchemas)["report-error-analysis"]>;
export type ReportImplementationPlanning = z.infer<(typeof reportSchemas)["report-implementation-planning"]>;
export type ReportImplementation = z.infer<(typeof reportSchemas)["report-implementation"]>;
export type ReportFinalVerification = z.infer<(typeof reportSchemas)["report-final-verification"]>;
export type ReportReleaseHandoff = z.infer<(typeof reportSchemas)["report-release-handoff"]>;
export type Report =
  | ReportRequirementsDiscovery
  | ReportImprovementDiscovery
  | ReportErrorAnalysis
  | ReportImplementationPlanning
  | ReportImplementation
  | ReportFinalVerification
  | ReportReleaseHandoff;
export type ReportCommon = Omit<ReportErrorAnalysis, "taskType" | "analysis">;

export const schemas = { ...proseSchemas, ...reportSchemas };
