/**
 * The seven task types as data (lifecycle.md, Task types). The engine reads this table; it has no branch that names a task
 * type where a row here can say it.
 */
import type { Category, TaskType } from "../model/index.ts";

export const steps = [
  "intake",
  "prompts",
  "dispatch",
  "collect",
  "converge",
  "critique",
  "write",
  "check",
  "record",
] as const;
export type StepName = (typeof steps)[number];

/** Where a run works: the task's tree read-only, a stage's own tree, throwaway trees at a reviewed commit, or the hand-off. */
export type Workplace = "task-tree" | "stage-tree" | "throwaway" | "handoff";

export type Profile = {
  readonly taskType: TaskType;
  readonly purpose: string;
  /** Takes a brief; others reuse the brief of the task. */
  readonly entry: boolean;
  readonly delivers: readonly string[];
  readonly mayChangeSource: boolean;
  readonly needsRepository: boolean;
  readonly needsApprovedPlan: boolean;
  readonly workplace: Workplace;
  readonly steps: readonly StepName[];
  readonly roster: {
    readonly analysers: { readonly allowed: boolean; readonly defaults: readonly string[]; readonly least: number };
    readonly executor: boolean;
    readonly writer: boolean;
    /** A critic may be named. */
    readonly critic: boolean;
  };
  readonly convergence: { readonly on: boolean; readonly maxRounds: 1 | 2 | 3; readonly adversarial: boolean };
  readonly planCheck: boolean;
  readonly proseSchema: string;
  readonly prompts: string;
  readonly next: readonly TaskType[];
};

const everyStep = steps;
const analysers = { allowed: true, defaults: ["claude", "codex"], least: 2 } as const;
const readers = { analysers, executor: false, writer: true, critic: true } as const;

export const profiles: Readonly<Record<TaskType, Profile>> = {
  "requirements-discovery": {
    taskType: "requirements-discovery",
    purpose: "sort the request into a work category and route it",
    entry: true,
    delivers: ["category", "routing decision", "missing inputs", "clarifications"],
    mayChangeSource: false,
    needsRepository: false,
    needsApprovedPlan: false,
    workplace: "task-tree",
    steps: everyStep,
    roster: readers,
    convergence: { on: true, maxRounds: 1, adversarial: true },
    planCheck: false,
    proseSchema: "discovery-prose",
    prompts: "requirements-discovery",
    next: ["error-analysis", "implementation-planning"],
  },
  "improvement-discovery": {
    taskType: "improvement-discovery",
    purpose: "find what is worth improving in a named scope",
    entry: true,
    delivers: ["ranked candidates with evidence"],
    mayChangeSource: false,
    needsRepository: false,
    needsApprovedPlan: false,
    workplace: "task-tree",
    steps: everyStep,
    roster: readers,
    convergence: { on: true, maxRounds: 2, adversarial: false },
    planCheck: false,
    proseSchema: "discovery-prose",
    prompts: "improvement-discovery",
    next: ["implementation-planning"],
  },
  "error-analysis": {
    taskType: "error-analysis",
    purpose: "symptoms, causes and reproduction of a fault",
    entry: true,
    delivers: [
      "symptom and trigger",
      "root-cause hypotheses with evidence",
      "reproduction or its gap",
      "how to validate",
    ],
    mayChangeSource: false,
    needsRepository: false,
    needsApprovedPlan: false,
    workplace: "task-tree",
    steps: everyStep,
    roster: readers,
    convergence: { on: true, maxRounds: 2, adversarial: true },
    planCheck: false,
    proseSchema: "analysis-prose",
    prompts: "error-analysis",
    next: ["implementation-planning"],
  },
  "implementation-planning": {
    taskType: "implementation-planning",
    purpose: "choose a direction and cut it into stages",
    entry: false,
    delivers: [
      "at least two options with trade-offs",
      "a recommendation",
      "Stage Map",
      "rollback",
      "requirement coverage",
    ],
    mayChangeSource: false,
    needsRepository: false,
    needsApprovedPlan: false,
    workplace: "task-tree",
    steps: everyStep,
    roster: readers,
    convergence: { on: true, maxRounds: 2, adversarial: true },
    planCheck: true,
    proseSchema: "planning-prose",
    prompts: "implementation-planning",
    next: ["implementation"],
  },
  implementation: {
    taskType: "implementation",
    purpose: "build one stage",
    entry: false,
    delivers: ["commits on the stage branch", "TDD evidence", "validation evidence", "carry file"],
    mayChangeSource: true,
    needsRepository: true,
    needsApprovedPlan: true,
    workplace: "stage-tree",
    steps: everyStep,
    roster: { analysers, executor: true, writer: true, critic: false },
    convergence: { on: false, maxRounds: 1, adversarial: false },
    planCheck: false,
    proseSchema: "implementation-prose",
    prompts: "implementation",
    next: ["implementation", "final-verification"],
  },
  "final-verification": {
    taskType: "final-verification",
    purpose: "decide whether the delivered work is acceptable",
    entry: false,
    delivers: ["verdict bound to a commit", "acceptance blockers", "residual risks", "coverage"],
    mayChangeSource: false,
    needsRepository: true,
    needsApprovedPlan: true,
    workplace: "throwaway",
    steps: everyStep,
    roster: readers,
    convergence: { on: true, maxRounds: 2, adversarial: false },
    planCheck: false,
    proseSchema: "verification-prose",
    prompts: "final-verification",
    next: ["release-handoff"],
  },
  "release-handoff": {
    taskType: "release-handoff",
    purpose: "commit, push, open the pull request that a person chose",
    entry: false,
    delivers: ["what was run and its result"],
    mayChangeSource: false,
    needsRepository: true,
    needsApprovedPlan: false,
    workplace: "handoff",
    steps: ["intake", "write", "check", "record"],
    roster: { analysers: { allowed: false, defaults: [], least: 0 }, executor: false, writer: true, critic: false },
    convergence: { on: false, maxRounds: 1, adversarial: false },
    planCheck: false,
    proseSchema: "handoff-prose",
    prompts: "release-handoff",
    next: [],
  },
};

/** What a task of its own may begin with: a phase that needs no plan and no earlier result. */
export const startTypes: readonly TaskType[] = [
  "requirements-discovery",
  "error-analysis",
  "improvement-discovery",
  "implementation-planning",
];

/** The category a task gets when the user names none. */
export const defaultCategory = (taskType: TaskType): Category =>
  taskType === "error-analysis" ? "bugfix" : taskType === "improvement-discovery" ? "improvement" : "feature";

export const branchPrefixes: Readonly<Record<Category, string>> = {
  bugfix: "fix",
  feature: "feat",
  refactor: "refactor",
  ops: "ops",
  improvement: "improve",
};
