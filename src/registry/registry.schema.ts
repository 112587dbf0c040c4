/** The truth that processes share: worktree registry, stage ledger, carry files, journals, heads. Code imports types only. */
import { z } from "zod";
import { knownItem } from "../convergence/convergence.schema.ts";
import { outcomes, taskTypes } from "../model/task.ts";

const version = z.literal(1);
const time = z.iso.datetime();
const sha = z.string().regex(/^[0-9a-f]{40,64}$/);

export const holder = z.strictObject({
  run: z.string(),
  nonce: z.string(),
  pid: z.int(),
  startTime: z.string(),
  bootId: z.string(),
  machine: z.string(),
});

export const registryEntry = z.strictObject({
  /** `p/g/t` or `p/g/t#stage-<N>` */
  key: z.string(),
  worktreePath: z.string(),
  branch: z.string(),
  baseRef: z.string(),
  baseCommit: sha,
  repository: z.string(),
  phase: z.enum(taskTypes),
  stage: z.int().nullable(),
  plan: z.string().nullable(),
  cycle: z.int().min(0),
  status: z.enum(["pending", "active", "released"]),
  /** What a pending entry was about to make, so that whoever finds it dead can undo just that. */
  intent: z.strictObject({ newBranch: z.boolean(), runFolder: z.string(), seq: z.int().min(1) }).nullable(),
  holder,
  slot: z.int().min(0),
  /** Task entry only: the anchor commit for each `<plan>:<cycle>`. */
  implementationBase: z.record(z.string(), sha),
  createdAt: time,
  updatedAt: time,
  /** Set before a tree's removal touches anything, so that whoever finds it half removed goes on with that. */
  removal: z.strictObject({ since: time, force: z.boolean() }).optional(),
});

export const registry = z.strictObject({ schemaVersion: version, entries: z.record(z.string(), registryEntry) });

export const ledgerRow = z.strictObject({
  schemaVersion: version,
  impl_task_key: z.string(),
  stage: z.int().min(1),
  status: z.enum(["started", "done", "verified", "released", "handed-off"]),
  plan: z.string(),
  cycle: z.int().min(0),
  attempt: z.int().min(1),
  started_at: time,
  /** `started`: the base; `done` and later: the stage's head. */
  head_commit: sha,
  carry_path: z.string().nullable(),
  run: z.string(),
  source: z.string(),
  machine: z.string(),
});

export const carry = z.strictObject({
  schemaVersion: version,
  stage: z.int().min(1),
  plan: z.string(),
  cycle: z.int().min(0),
  run: z.string(),
  status: z.literal("done"),
  stageCommitRange: z.strictObject({ base: sha, head: sha }),
  commits: z.array(z.strictObject({ sha, subject: z.string() })),
  files: z.array(z.string()),
  validation: z.array(z.strictObject({ command: z.string(), exitCode: z.int(), log: z.string() })),
  exitContract: z.string(),
  outOfPlanEdits: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  notes: z.array(z.string()),
});

/** A blocking item that a person lets pass; it holds for the same item in later runs that ask the same. */
export const override = z.strictObject({
  schemaVersion: version,
  run: z.string(),
  item: knownItem,
  reason: z.string().min(1),
  who: z.string(),
  via: z.string(),
  time,
});

/**
 * What happened to the fix cycles of a task, a line each: `opened` by a person, `run` for each run that was prepared in it, `closed` by a
 * person. A cycle is open from the first to the last of these; one at a time is.
 */
export const fixCycleRow = z.discriminatedUnion("status", [
  z.strictObject({
    schemaVersion: version,
    status: z.literal("opened"),
    cycle: z.int().min(1),
    /** The run whose result is reopened: a hand-off, or a verification that found faults. */
    reopens: z.string(),
    reason: z.string().min(1),
    who: z.string(),
    via: z.string(),
    time,
  }),
  z.strictObject({
    schemaVersion: version,
    status: z.literal("run"),
    cycle: z.int().min(1),
    run: z.string(),
    time,
  }),
  z.strictObject({
    schemaVersion: version,
    status: z.literal("closed"),
    cycle: z.int().min(1),
    /** `dropped`: nothing was handed over in it; the task stands again where it stood before it was opened. */
    as: z.enum(["handed-over", "dropped"]),
    note: z.string(),
    who: z.string(),
    via: z.string(),
    time,
  }),
]);

export const journalLine = z.strictObject({
  line: z.int().min(1),
  time,
  type: z.string().min(1),
  data: z.record(z.string(), z.unknown()),
  /** SHA-256 of the line before, without its newline; 64 zeros for the first. */
  prev: z.string().regex(/^[0-9a-f]{64}$/),
});

export const head = z.strictObject({
  schemaVersion: version,
  run: z.string(),
  lines: z.int().min(0),
  sha256: z.string(),
  /** Set once the run has ended. */
  ended: z.boolean(),
  approvalSha256: z.string().nullable(),
});

export const projectMeta = z.strictObject({
  schemaVersion: version,
  projectId: z.string(),
  projectRoot: z.string(),
  updatedAt: time,
});

/** What a writer appends to a file of JSON lines (ledger, clarifications, run index) after a line that a kill tore. */
export const repairedRow = z.strictObject({
  schemaVersion: version,
  repaired: z.strictObject({ sha256: z.string(), bytes: z.int().min(0) }),
});

export const homeVersion = z.strictObject({ schemaVersion: version, lockKind: z.enum(["flock", "link"]) });

export const indexRow = z.strictObject({
  schemaVersion: version,
  run: z.string(),
  taskKey: z.string(),
  taskType: z.enum(taskTypes),
  stage: z.int().nullable(),
  seq: z.int(),
  projectRoot: z.string(),
  event: z.enum(["prepared", "ended"]),
  outcome: z.enum(outcomes).nullable(),
  time,
  invocation: z.record(z.string(), z.unknown()).nullable(),
  costUsd: z.number().nullable(),
});

export type Holder = z.infer<typeof holder>;
export type RegistryEntry = z.infer<typeof registryEntry>;
export type Registry = z.infer<typeof registry>;
export type LedgerRow = z.infer<typeof ledgerRow>;
export type FixCycleRow = z.infer<typeof fixCycleRow>;
export type Override = z.infer<typeof override>;
export type Carry = z.infer<typeof carry>;
export type JournalLine = z.infer<typeof journalLine>;
export type Head = z.infer<typeof head>;
export type ProjectMeta = z.infer<typeof projectMeta>;
export type RepairedRow = z.infer<typeof repairedRow>;
export type HomeVersion = z.infer<typeof homeVersion>;
export type IndexRow = z.infer<typeof indexRow>;

export const schemas = {
  registry,
  "ledger-row": ledgerRow,
  carry,
  override,
  "fix-cycle-row": fixCycleRow,
  "journal-line": journalLine,
  head,
  "project-meta": projectMeta,
  "repaired-row": repairedRow,
  "home-version": homeVersion,
  "index-row": indexRow,
};
