/** The fixed words of runs, workers and items, in English as they stand in the data. */
import type { Item } from "../../convergence/convergence.schema.ts";
import type { StepName } from "../../lifecycle/index.ts";
import type { Clarification, WorkerSpec } from "../../lifecycle/task.schema.ts";

export const words = {
  units: { ms: " ms", s: " s", min: " min", h: " h" },
  roles: {
    analyser: "analyser",
    executor: "executor",
    verifier: "verifier",
    critic: "critic",
    "report-writer": "report-writer",
    assistant: "assistant",
  } satisfies Record<WorkerSpec["role"], string>,
  workerStatuses: { completed: "completed", timeout: "timeout", error: "error", "not-run": "not-run" },
  neverAsked: "never asked",
  steps: {
    intake: "intake",
    prompts: "prompts",
    dispatch: "dispatch",
    collect: "collect",
    converge: "converge",
    critique: "critique",
    write: "write",
    check: "check",
    record: "record",
  } satisfies Record<StepName, string>,
  stepOutcomes: { completed: "completed", "under way": "under way", skipped: "skipped" },
  severities: { blocker: "blocker", major: "major", minor: "minor", nit: "nit" } satisfies Record<
    Item["severity"],
    string
  >,
  persistence: { new: "new", persists: "persists", resolved: "resolved", reopened: "reopened" } satisfies Record<
    Item["persistence"],
    string
  >,
  votes: { agree: "agree", disagree: "disagree", abstain: "abstain" },
  verdicts: {
    AGREE: "AGREE",
    DISAGREE: "DISAGREE",
    SUPPLEMENT: "SUPPLEMENT",
    PASS: "PASS",
    FAIL: "FAIL",
    abstained: "abstained",
  },
  bases: {
    "evidence-wrong": "evidence-wrong",
    "claim-overreaches": "claim-overreaches",
    "already-handled": "already-handled",
    "out-of-scope": "out-of-scope",
    "cannot-reproduce": "cannot-reproduce",
  } satisfies Record<NonNullable<Item["verdicts"][number]["basis"]>, string>,
  likelihoods: { high: "high", medium: "medium", low: "low" },
  questionKinds: { material: "material", decision: "decision", fact: "fact" } satisfies Record<
    Clarification["kind"],
    string
  >,
  verdictTokens: {
    accepted: "accepted",
    "conditional-accept": "conditional-accept",
    blocked: "blocked",
    passed: "passed",
    "passed-with-dissent": "passed-with-dissent",
    "blocked-by-disagreement": "blocked-by-disagreement",
    "aborted-non-result": "aborted-non-result",
    normal: "cross-checked",
    "single-family": "single-family",
    degraded: "degraded",
    off: "off",
    merged: "merged",
    unmerged: "unmerged",
    "merge-conflict": "merge-conflict",
    "merge-blocked": "merge-blocked",
    "not-tried": "not-tried",
    PASS: "PASS",
    FAIL: "FAIL",
    pass: "pass",
    fail: "fail",
    completed: "completed",
    timeout: "timeout",
    error: "error",
    "not-run": "not-run",
    "commit-only": "commit-only",
    "commit-pr": "commit-pr",
    skip: "skip",
    "nothing-found": "nothing-found",
  },
  loops: { converging: "converging", rotating: "rotating", oscillating: "oscillating", stagnant: "stagnant" },
  wholeTask: "task",
};
