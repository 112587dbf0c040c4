/**
 * The scenario of the scripted agents (YAML, documented in docs/guides/scenario.md). Stateless: an entry is found by who is
 * asked for what; the first entry whose `when` fits plays. Code imports types only.
 */
import { z } from "zod";
import { taskTypes } from "../../model/task.ts";

const one = <T extends z.ZodType>(schema: T) => z.union([schema, z.array(schema)]);

/** Each key left out fits everything. */
export const when = z.strictObject({
  role: one(z.enum(["analyser", "executor", "verifier", "critic", "report-writer", "assistant"])).optional(),
  worker: one(z.string()).optional(),
  taskType: one(z.enum(taskTypes)).optional(),
  stage: one(z.int()).optional(),
  /** What is asked: a blind pass, a convergence round, the plan-body check, a fix, prose. */
  purpose: one(
    z.enum(["blind", "group", "round", "plan-check", "execute", "fix", "merge", "verify", "write"]),
  ).optional(),
  round: one(z.int()).optional(),
  attempt: one(z.int()).optional(),
  /** 0: first question; 1, 2: asked again because the result did not fit. */
  reask: one(z.int()).optional(),
  /** How often the engine handed over the results of `checks` that it asked for. */
  checked: one(z.int()).optional(),
});

const files = z.record(z.string(), z.union([z.string(), z.null()]));

export const scenarioUsage = z.strictObject({
  input: z.number(),
  cachedInput: z.number().optional(),
  cacheWrite: z.number().optional(),
  output: z.number(),
  reasoning: z.number().optional(),
  costUsd: z.number().optional(),
});

/** What the agent does, in order. A path ends a file with text; null deletes it. */
export const act = z.union([
  z.strictObject({ say: z.string() }),
  z.strictObject({ write: files }),
  z.strictObject({ replace: z.strictObject({ path: z.string(), old: z.string(), new: z.string() }) }),
  z.strictObject({ copy: z.strictObject({ from: z.string(), to: z.string() }) }),
  z.strictObject({ run: z.string(), ignoreExit: z.boolean().optional() }),
  z.strictObject({ commit: z.string(), paths: z.array(z.string()).optional() }),
  z.strictObject({ tool: z.string(), ms: z.number().optional() }),
  z.strictObject({ delayMs: z.number().min(0) }),
  /** Says what it used so far. */
  z.strictObject({ used: scenarioUsage }),
  /** A puppet: connects to this unix socket, says who it is, and waits for "go" before it plays on. */
  z.strictObject({ puppet: z.string() }),
  z.strictObject({
    misbehave: z.enum([
      "never-speak",
      "speak-for-ever",
      "huge-line",
      "broken-json",
      "half-utf8",
      "success-without-result",
      "hang-after-result",
      "exit-0-silent",
      "exit-1-after-success",
      "kill-self",
      "fork-daemon",
      "write-outside",
      "commit-elsewhere",
      "rewrite-history",
      "delete-worktree",
      "plant-hook",
      "plant-config",
      "slow-drip",
      "prose-answer",
      "auth-failure",
      "quota",
      "server-error",
    ]),
    /** For quota: the reset time the provider gives. For write-outside: the path. */
    detail: z.string().optional(),
  }),
]);

export const entry = z.strictObject({
  when,
  do: z.array(act).max(200).optional(),
  /** The last message: an object is sent as JSON, a string as it stands. Left out: the agent ends without a result. */
  result: z.union([z.record(z.string(), z.unknown()), z.string()]).optional(),
  usage: scenarioUsage.nullable().optional(),
  modelServed: z.string().optional(),
  exit: z.int().optional(),
});

export const scenario = z.strictObject({
  schemaVersion: z.literal(1),
  /** Worker -> the vendor it stands for. */
  families: z.record(z.string(), z.string().min(1)),
  models: z.record(z.string(), z.string()).optional(),
  /** Folder with files that `copy` may take, relative to the scenario file. */
  entries: z.array(entry).min(1).max(2_000),
});

export type When = z.infer<typeof when>;
export type Act = z.infer<typeof act>;
export type Entry = z.infer<typeof entry>;
export type Scenario = z.infer<typeof scenario>;

export const schemas = { scenario };
