/**
 * What workers return: findings with evidence, verdicts on others' findings, what an executor did. Agents' last message
 * must be one of these; the verdict is read from fields, never from prose. Read by the build only; code imports types.
 */
import { z } from "zod";

const text = z.string().min(1).max(20_000);
const short = z.string().min(1).max(400);
const path = z.string().min(1).max(1_024);

export const search = z.strictObject({
  pattern: z.string().min(1).max(1_000),
  mode: z.enum(["fixed", "regex"]),
  paths: z.array(path).max(50),
});

export const fileEvidence = z.strictObject({
  kind: z.literal("file"),
  path,
  lines: z.strictObject({ start: z.int().min(1), end: z.int().min(1) }),
  quote: z.string().min(1).max(400),
});
export const evidence = z.union([
  fileEvidence,
  z.strictObject({ kind: z.literal("check"), qa: short, expected: z.strictObject({ exitCode: z.int() }) }),
  z.strictObject({ kind: z.literal("search"), search, expected: z.enum(["some", "none"]) }),
  z.strictObject({ kind: z.literal("document"), file: path, quote: z.string().min(1).max(400) }),
  z.strictObject({ kind: z.literal("absence"), search }),
]);

export const severity = z.enum(["blocker", "major", "minor", "nit"]);

export const finding = z.strictObject({
  id: z.string().min(1).max(80),
  title: short,
  claim: text,
  severity,
  category: z.string().min(1).max(80),
  symbol: z.string().max(200).optional(),
  ticket: z.string().max(200).optional(),
  evidence: z.array(evidence).max(20),
  suggestedFix: z.string().max(20_000).optional(),
});

export const question = z.strictObject({
  question: text,
  why: text,
  kind: z.enum(["material", "decision", "fact"]),
  expectedForm: z.string().max(1_000),
  blocks: z.enum(["approval", "next-phase", "none"]),
});

export const coverageClaim = z.strictObject({
  requirement: z.string().min(1).max(80),
  covered: z.boolean(),
  artefact: z.string().max(1_000),
});

/** What a worker without a shell wants the engine to run or look up; the outcome comes back in the same conversation. */
export const wantedCheck = z.union([z.strictObject({ qa: short }), z.strictObject({ search })]);

/** An analyser's or verifier's message. `verdict` and `coverage` matter to final-verification and stage verifiers only. */
export const workerResult = z.strictObject({
  schemaVersion: z.literal(1),
  findings: z.array(finding).max(200),
  answers: z.array(z.strictObject({ question: text, answer: text })).max(100),
  proposal: z.string().max(100_000),
  questions: z.array(question).max(50),
  notExamined: z.array(short).max(100),
  verdict: z.enum(["pass", "fail", "accepted", "conditional-accept", "blocked"]).optional(),
  coverage: z.array(coverageClaim).max(2_000).optional(),
  checks: z.array(wantedCheck).max(10).optional(),
});

export const disagreeBasis = z.enum([
  "evidence-wrong",
  "claim-overreaches",
  "already-handled",
  "out-of-scope",
  "cannot-reproduce",
]);

/** A worker's verdicts on items of others in one convergence round. */
export const roundResult = z.strictObject({
  schemaVersion: z.literal(1),
  verdicts: z
    .array(
      z.strictObject({
        item: z.string().min(1).max(80),
        verdict: z.enum(["AGREE", "DISAGREE", "SUPPLEMENT"]),
        disagreeBasis: disagreeBasis.optional(),
        reason: text,
        evidence: z.array(evidence).max(20),
      }),
    )
    .max(500),
});

/** A worker's verdicts on the items of a plan. Reasons: a wrong, b infeasible, c incomplete, d unsafe, e contradicts. */
export const planCheckResult = z.strictObject({
  schemaVersion: z.literal(1),
  verdicts: z
    .array(
      z.strictObject({
        item: z.string().min(1).max(80),
        verdict: z.enum(["AGREE", "DISAGREE", "SUPPLEMENT"]),
        reasonCode: z.enum(["a", "b", "c", "d", "e"]).optional(),
        reason: text,
        evidence: z.array(evidence).max(20),
      }),
    )
    .max(20_000),
});

/** Which findings are one, of the pairs that code could not tell. */
export const groupingResult = z.strictObject({
  schemaVersion: z.literal(1),
  pairs: z
    .array(
      z.strictObject({
        pair: z.string().min(1).max(80),
        decision: z.enum(["merge", "different", "same", "split"]),
        reason: short,
      }),
    )
    .max(200),
});

/** What an executor says it did. All of it is a claim: the engine reads commits, files and exit codes itself. */
export const executorResult = z.strictObject({
  schemaVersion: z.literal(1),
  summary: text,
  commits: z.array(z.string().max(80)).max(500),
  files: z.array(path).max(5_000),
  testsRun: z.array(z.strictObject({ command: short, exitCode: z.int() })).max(200),
  outOfPlanEdits: z.array(z.strictObject({ path, reason: text })).max(500),
  tddExemptions: z.array(z.strictObject({ step: short, reason: text })).max(100),
  notDone: z.array(text).max(100),
});

export type Search = z.infer<typeof search>;
export type FileEvidence = z.infer<typeof fileEvidence>;
export type Evidence = z.infer<typeof evidence>;
export type Severity = z.infer<typeof severity>;
export type Finding = z.infer<typeof finding>;
export type WantedCheck = z.infer<typeof wantedCheck>;
export type Question = z.infer<typeof question>;
export type DisagreeBasis = z.infer<typeof disagreeBasis>;
export type WorkerResult = z.infer<typeof workerResult>;
export type RoundResult = z.infer<typeof roundResult>;
export type PlanCheckResult = z.infer<typeof planCheckResult>;
export type GroupingResult = z.infer<typeof groupingResult>;
export type ExecutorResult = z.infer<typeof executorResult>;

export const schemas = {
  "worker-result": workerResult,
  "round-result": roundResult,
  "plan-check-result": planCheckResult,
  "grouping-result": groupingResult,
  "executor-result": executorResult,
};
