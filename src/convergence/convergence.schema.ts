/** What cross-verification knows: checked evidence, items, classes, the plan-body gate. Code imports types only. */
import { z } from "zod";
import { disagreeBasis, evidence, severity } from "../model/finding.schema.ts";

export const evidenceState = z.enum(["held", "corrected", "refuted", "unpinned", "unchecked"]);

/** A piece of evidence with what the engine found when it looked. `corrected` counts as held, at `lines`. */
export const checkedEvidence = z.strictObject({
  evidence,
  state: evidenceState,
  note: z.string(),
  lines: z.strictObject({ start: z.int(), end: z.int() }).nullable(),
});

export const itemClass = z.enum([
  "unsubstantiated",
  "refuted",
  "contested",
  "full-consensus",
  "partial-consensus",
  "worker-unique",
]);

export const member = z.strictObject({
  worker: z.string(),
  family: z.string(),
  finding: z.string(),
  title: z.string(),
  claim: z.string(),
  severity,
  evidence: z.array(checkedEvidence),
});

export const itemVerdict = z.strictObject({
  worker: z.string(),
  family: z.string(),
  round: z.int().min(1),
  verdict: z.enum(["AGREE", "DISAGREE", "SUPPLEMENT"]),
  basis: disagreeBasis.nullable(),
  reason: z.string(),
  evidence: z.array(checkedEvidence),
});

export const familyVote = z.strictObject({
  family: z.string(),
  vote: z.enum(["agree", "disagree", "abstain"]),
  checked: z.boolean(),
});

export const item = z.strictObject({
  id: z.string(),
  title: z.string(),
  claim: z.string(),
  severity,
  category: z.string(),
  place: z.strictObject({ path: z.string(), start: z.int(), end: z.int() }).nullable(),
  /** What the finding that speaks for it names: a function, a type, a setting. */
  symbol: z.string().optional(),
  fingerprint: z.string(),
  persistence: z.enum(["new", "persists", "resolved", "reopened"]),
  members: z.array(member),
  verdicts: z.array(itemVerdict),
  /** Verdicts that a later one of the same worker replaced; there only when there are some. */
  earlier: z.array(itemVerdict).optional(),
  votes: z.array(familyVote),
  class: itemClass,
  /** Final items leave the queue and are never sent round again. */
  final: z.boolean(),
  /** Workers that were asked about this item and failed to answer: no vote. */
  verificationErrors: z.array(z.strictObject({ worker: z.string(), round: z.int(), why: z.string() })),
});

export const convergenceConfig = z.strictObject({
  enabled: z.boolean(),
  maxRounds: z.int().min(1).max(3),
  verificationMode: z.enum(["lightweight", "full-reanalysis"]),
  adversarial: z.boolean(),
  severityFloor: severity,
});

/** An item of an earlier run that a later one of the same type did not state again. */
export const resolvedItem = z.strictObject({
  id: z.string(),
  title: z.string(),
  severity,
  path: z.string().nullable(),
  lastRun: z.string(),
});

/** What the task's earlier runs leave to recognise an item by. */
export const knownItem = z.strictObject({
  ...resolvedItem.shape,
  fingerprint: z.string(),
  symbol: z.string().nullable(),
  /** The words of each statement of it, normalised. */
  claims: z.array(z.string()),
  workers: z.array(z.string()),
  /** Task types whose newest run states it. */
  types: z.array(z.string()),
  resolvedIn: z.string().nullable(),
});

/** The same root cause on several paths. `id` is that of its oldest item behind `I-`; `open`: one of its items still stands. */
export const invariant = z.strictObject({
  id: z.string(),
  title: z.string(),
  severity,
  paths: z.array(z.string()),
  items: z.array(z.string()),
  open: z.boolean(),
});

export const invariants = z.strictObject({
  schemaVersion: z.literal(1),
  run: z.string(),
  invariants: z.array(invariant),
});

const round = z.strictObject({
  round: z.int(),
  asked: z.record(z.string(), z.array(z.string())),
  changed: z.boolean(),
});

/** What became of the critic and its items. */
export const critique = z.strictObject({
  worker: z.string(),
  family: z.string(),
  status: z.string(),
  reason: z.string().nullable(),
  /** Who looked at its items; null when no worker of another family had answered. */
  checker: z.string().nullable(),
  items: z.array(z.string()),
  rounds: z.array(round),
});

const named = z.strictObject({ worker: z.string(), finding: z.string() });

/** What an assistant said of pairs that code could not tell. `followed`: whether the items came out so; a rule may outrank it. */
export const grouping = z.strictObject({
  worker: z.string(),
  family: z.string(),
  status: z.string(),
  reason: z.string().nullable(),
  /** How many pairs it was asked about. */
  asked: z.int(),
  pairs: z.array(
    z.strictObject({
      a: named,
      b: named,
      decision: z.enum(["merge", "different", "same", "split"]),
      reason: z.string(),
      followed: z.boolean(),
    }),
  ),
});

export const convergenceState = z.strictObject({
  schemaVersion: z.literal(1),
  config: convergenceConfig,
  /** Rostered analysers and what became of each in the blind pass. */
  workers: z.array(
    z.strictObject({ worker: z.string(), family: z.string(), status: z.string(), reason: z.string().nullable() }),
  ),
  rounds: z.array(round),
  items: z.array(item),
  /** What earlier runs of this type stated and this one does not; there only when there is some. */
  resolved: z.array(resolvedItem).optional(),
  /** Of a stage: what earlier rounds of the run stated and its last does not; there only when there is some. */
  earlier: z.array(knownItem).optional(),
  /** There when code could not tell of some findings whether they are one, and an assistant was asked. */
  grouping: grouping.optional(),
  /** There when a critic was named. */
  critique: critique.optional(),
  skippedWorkers: z.array(z.strictObject({ worker: z.string(), round: z.int(), why: z.string() })),
  /** `normal`; `single-family`: all who answered are of one vendor; `degraded`: fewer than two answered; `off`. */
  standing: z.enum(["normal", "single-family", "degraded", "off"]),
  endedBecause: z.enum(["queue-empty", "max-rounds", "nothing-changed", "off", "degraded", "running"]),
});

export const planItem = z.strictObject({
  id: z.string(),
  text: z.string(),
  verdicts: z.array(
    z.strictObject({
      worker: z.string(),
      family: z.string(),
      verdict: z.enum(["AGREE", "DISAGREE", "SUPPLEMENT"]),
      reasonCode: z.enum(["a", "b", "c", "d", "e"]).nullable(),
      reason: z.string(),
      evidence: z.array(checkedEvidence),
    }),
  ),
  refused: z.boolean(),
});

export const planBodyState = z.strictObject({
  schemaVersion: z.literal(1),
  gate: z.enum(["passed", "passed-with-dissent", "blocked-by-disagreement", "aborted-non-result"]),
  items: z.array(planItem),
  answered: z.array(z.string()),
  skippedWorkers: z.array(z.strictObject({ worker: z.string(), why: z.string() })),
});

export type EvidenceState = z.infer<typeof evidenceState>;
export type CheckedEvidence = z.infer<typeof checkedEvidence>;
export type ItemClass = z.infer<typeof itemClass>;
export type Member = z.infer<typeof member>;
export type ItemVerdict = z.infer<typeof itemVerdict>;
export type FamilyVote = z.infer<typeof familyVote>;
export type Item = z.infer<typeof item>;
export type Grouping = z.infer<typeof grouping>;
export type Critique = z.infer<typeof critique>;
export type ResolvedItem = z.infer<typeof resolvedItem>;
export type Invariant = z.infer<typeof invariant>;
export type Invariants = z.infer<typeof invariants>;
export type KnownItem = z.infer<typeof knownItem>;
export type ConvergenceConfig = z.infer<typeof convergenceConfig>;
export type ConvergenceState = z.infer<typeof convergenceState>;
export type PlanItem = z.infer<typeof planItem>;
export type PlanBodyState = z.infer<typeof planBodyState>;

export const schemas = { "convergence-state": convergenceState, "plan-body-state": planBodyState, invariants };
