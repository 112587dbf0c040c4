/** The files of a task: manifest, clarifications, run manifest, approval, timeline, catalog. Code imports types only. */
import { z } from "zod";
import { categories, outcomes, taskTypes } from "../model/task.ts";

const version = z.literal(1);
const taskType = z.enum(taskTypes);
const outcome = z.enum(outcomes);
const category = z.enum(categories);
const time = z.iso.datetime();
const seq = z.int().min(1);

export const usage = z.strictObject({
  inputTokens: z.number().min(0),
  cachedInputTokens: z.number().min(0),
  cacheWriteTokens: z.number().min(0),
  outputTokens: z.number().min(0),
  reasoningTokens: z.number().min(0),
  totalTokens: z.number().min(0),
  costUsd: z.number().min(0).nullable(),
  /** Dispatches whose usage is not known; their tokens are in no sum. */
  unknown: z.int().min(0),
});

export const worktreeRef = z.strictObject({
  status: z.enum(["created", "reused", "skipped-not-git", "skipped-in-worktree"]),
  path: z.string(),
  branch: z.string().nullable(),
  baseRef: z.string().nullable(),
  baseCommit: z.string().nullable(),
  note: z.string(),
});

/** One run as every command prints it (interface.md). `outcome` is null while it is under way. */
export const runSummary = z.strictObject({
  id: z.string(),
  taskKey: z.string(),
  taskType,
  stage: z.int().nullable(),
  scope: z.string(),
  seq,
  /** The fix cycle that it belongs to; left out before the first. */
  cycle: z.int().min(1).optional(),
  outcome: outcome.nullable(),
  reason: z.string().nullable(),
  verdict: z.string().nullable(),
  /** Why it did not complete, and how to go on; there only then. */
  failure: z.strictObject({ message: z.string(), remedy: z.string() }).optional(),
  runDir: z.string(),
  report: z.strictObject({ data: z.string(), markdown: z.string(), html: z.string() }).nullable(),
  worktree: worktreeRef.nullable(),
  startedAt: time,
  endedAt: time.nullable(),
  usage,
  journalHead: z.string(),
});

export const taskManifest = z.strictObject({
  schemaVersion: version,
  key: z.string(),
  project: z.string(),
  group: z.string(),
  task: z.string(),
  title: z.string().max(500),
  category,
  /** Relative to the task root; the brief as it was taken in. */
  briefPath: z.string(),
  briefSha256: z.string(),
  language: z.enum(["en", "ko"]),
  createdAt: time,
  updatedAt: time,
  phase: taskType,
  branchPrefix: z.string(),
  /** Name of the task branch when the user chose one with --branch; else derived. */
  branch: z.string().nullable(),
  convergence: z
    .strictObject({
      enabled: z.boolean().optional(),
      maxRounds: z.int().min(1).max(3).optional(),
      verificationMode: z.enum(["lightweight", "full-reanalysis"]).optional(),
      adversarial: z.boolean().optional(),
      severityFloor: z.enum(["blocker", "major", "minor", "nit"]).optional(),
      critic: z.string().min(1).optional(),
    })
    .optional(),
  roster: z.record(z.string(), z.array(z.string())).optional(),
  /** How many plans were approved and which content hash holds now. */
  plans: z.array(z.strictObject({ content: z.string(), run: z.string(), approvedAt: time })),
  cycle: z.int().min(0),
  runs: z.array(runSummary),
  /** Of a task that another left behind: the run and the row it comes from, and what that task is based on. */
  origin: z
    .strictObject({ task: z.string(), run: z.string(), id: z.string(), baseRef: z.string().nullable() })
    .optional(),
  /** Tasks that were made of this one's rows. */
  spawned: z.array(z.strictObject({ id: z.string(), key: z.string() })).optional(),
});

export const clarification = z.strictObject({
  schemaVersion: version,
  id: z.string().regex(/^C-\d{3,}$/),
  question: z.string(),
  why: z.string(),
  kind: z.enum(["material", "decision", "fact"]),
  expectedForm: z.string(),
  blocks: z.enum(["approval", "next-phase", "none"]),
  status: z.enum(["open", "answered", "resolved", "withdrawn"]),
  userInput: z.string().nullable(),
  raisedBy: z.array(z.string()),
  raisedIn: z.string(),
  answeredBy: z.string().nullable(),
  resolvedIn: z.string().nullable(),
  time,
});

export const workerSpec = z.strictObject({
  worker: z.string(),
  agent: z.string(),
  role: z.enum(["analyser", "executor", "verifier", "critic", "report-writer", "assistant"]),
  family: z.string(),
  model: z.string(),
});

/**
 * What a person chose for a hand-off. `commit-only`: the hand-off branch is made or updated, nothing is pushed; `commit-pr`: it is pushed
 * too, and a pull request opened. `prTemplate` is an absolute path.
 */
export const handoffChoice = z.strictObject({
  action: z.enum(["commit-only", "commit-pr", "skip"]),
  base: z.string().nullable(),
  squash: z.boolean(),
  message: z.string().nullable(),
  remote: z.string().nullable().optional(),
  prTemplate: z.string().nullable().optional(),
  /** A group of verified stages instead of the whole task. */
  stages: z.array(z.int().min(1)).min(1).optional(),
});

/** A run that settles the merge of a done stage: the agent that does where files conflict, null where a person does. */
export const integrateChoice = z.strictObject({ with: z.string().nullable(), restart: z.boolean() });

/** What was asked for; enough to run it again. */
export const invocation = z.strictObject({
  taskType,
  stage: z.union([z.int().min(1), z.literal("auto"), z.literal("all")]).nullable(),
  baseRef: z.string().nullable(),
  brief: z.string().nullable(),
  title: z.string().nullable(),
  category: category.nullable(),
  branch: z.string().nullable(),
  workers: z.array(z.string()).nullable(),
  executor: z.string().nullable(),
  agents: z.string().nullable(),
  /** There when one was named. */
  critic: z.string().optional(),
  directive: z.string().nullable(),
  maxRounds: z.int().nullable(),
  allowSingle: z.boolean(),
  noProse: z.literal(true).optional(),
  /** There when it was said. */
  fixCycle: z.enum(["yes", "no"]).optional(),
  models: z.record(z.string(), z.string()),
  /** As the command line asked; without it the settings hold. */
  sandbox: z.enum(["auto", "require", "off"]).nullable().optional(),
  /** There when the command line asked for one. */
  network: z.enum(["open", "model"]).optional(),
  handoff: handoffChoice.nullable(),
  /** Of this run, instead of what the settings say; null where nothing was given. */
  budget: z.strictObject({ usd: z.number().min(0).nullable(), tokens: z.number().min(0).nullable() }).optional(),
  /** Of a run that merges what is built already; an implementation run without it builds. */
  integrate: integrateChoice.optional(),
  decidedVia: z.string(),
});

export const runManifest = z.strictObject({
  schemaVersion: version,
  id: z.string(),
  taskKey: z.string(),
  taskType,
  stage: z.int().nullable(),
  scope: z.string(),
  seq,
  okstraVersion: z.string(),
  createdAt: time,
  nonce: z.string(),
  roster: z.array(workerSpec),
  notes: z.array(z.string()),
  worktree: worktreeRef,
  /** HEAD of the worktree when the run was prepared: what read-only phases review. */
  reviewedCommit: z.string().nullable(),
  briefSha256: z.string(),
  plan: z.string().nullable(),
  planRun: z.string().nullable(),
  cycle: z.int().min(0),
  /** What the open fix cycle is for: the person's words, and the run that it reopens. */
  fixCycle: z.strictObject({ reason: z.string(), reopens: z.string() }).optional(),
  attempt: z.int().min(1),
  invocation,
  artifacts: z.array(z.strictObject({ path: z.string(), sha256: z.string() })),
});

/** `html`: where there is a page; earlier versions of okstra noted none. */
const reportHashes = z.strictObject({ data: z.string(), markdown: z.string(), html: z.string().optional() });

export const approval = z.strictObject({
  schemaVersion: version,
  run: z.string(),
  content: z.string(),
  /** `accepted`: the residual risks of a verification, taken by a person. */
  decision: z.enum(["approved", "rejected", "accepted"]),
  who: z.string(),
  via: z.string(),
  note: z.string(),
  time,
  before: reportHashes,
  after: reportHashes,
});

export const timeline = z.strictObject({
  schemaVersion: version,
  runs: z.array(
    z.strictObject({
      run: z.string(),
      preparedAt: time,
      startedAt: time.nullable(),
      endedAt: time.nullable(),
      outcome: outcome.nullable(),
    }),
  ),
});

export const catalogEntry = z.strictObject({
  key: z.string(),
  title: z.string(),
  phase: taskType,
  outcome: outcome.nullable(),
  /** A task that has no run yet. */
  notStarted: z.literal(true).optional(),
  updatedAt: time,
});
export const catalog = z.strictObject({ schemaVersion: version, tasks: z.array(catalogEntry) });
export const latestTask = z.strictObject({ schemaVersion: version, key: z.string(), updatedAt: time });

export type Usage = z.infer<typeof usage>;
export type WorktreeRef = z.infer<typeof worktreeRef>;
export type RunSummary = z.infer<typeof runSummary>;
export type TaskManifest = z.infer<typeof taskManifest>;
export type Clarification = z.infer<typeof clarification>;
export type WorkerSpec = z.infer<typeof workerSpec>;
export type HandoffChoice = z.infer<typeof handoffChoice>;
export type IntegrateChoice = z.infer<typeof integrateChoice>;
export type Invocation = z.infer<typeof invocation>;
export type RunManifest = z.infer<typeof runManifest>;
export type Approval = z.infer<typeof approval>;
export type Timeline = z.infer<typeof timeline>;
export type CatalogEntry = z.infer<typeof catalogEntry>;
export type Catalog = z.infer<typeof catalog>;
export type LatestTask = z.infer<typeof latestTask>;

/** A check with real IO that an executor made, in the task's `qa/`. */
export const qaFile = z.strictObject({
  /** Below `qa/`. */
  path: z.string(),
  sha256: z.string(),
  stage: z.int(),
  run: z.string(),
});

export const qaManifest = z.strictObject({ schemaVersion: z.literal(1), files: z.array(qaFile) });

export type QaManifest = z.infer<typeof qaManifest>;
export type QaFile = z.infer<typeof qaFile>;

export const schemas = {
  "qa-manifest": qaManifest,
  "task-manifest": taskManifest,
  clarification,
  "run-manifest": runManifest,
  "run-summary": runSummary,
  approval,
  timeline,
  catalog,
  "latest-task": latestTask,
};
