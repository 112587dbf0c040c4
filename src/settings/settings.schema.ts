/** `.okstra/project.json` and `<home>/config.json`. An unknown key is refused. Code imports types only. */
import { z } from "zod";
import { taskTypes } from "../model/task.ts";

/** Null takes the built-in limit away. */
const limit = z.number().min(0).nullable();
const minutes = z
  .number()
  .min(0.001)
  .max(24 * 60);
const clocks = {
  firstEvent: minutes.optional(),
  idle: minutes.optional(),
  soft: minutes.optional(),
  hard: minutes.optional(),
};

const keys = {
  language: z.enum(["en", "ko"]).optional(),
  prTemplatePath: z.string().min(1).optional(),
  worktreeSyncDirs: z.array(z.string().min(1)).optional(),
  worktreeCopyFiles: z.array(z.string().min(1)).optional(),
  worktreeCloneDirs: z.array(z.string().min(1)).optional(),
  worktreeSetup: z.array(z.string().min(1)).optional(),
  worktreeReady: z.string().min(1).optional(),
  worktreeQuotaGb: z.number().min(0).optional(),
  worktreeMax: z.int().min(1).optional(),
  integration: z.enum(["merge", "manual"]).optional(),
  qaCommands: z.record(z.string().min(1), z.string().min(1)).optional(),
  agents: z
    .record(
      z.string().min(1),
      z.strictObject({
        command: z.string().min(1).optional(),
        args: z.array(z.string()).optional(),
        /** `$NAME` as a value passes okstra's own variable NAME on; a secret may be given in no other way. */
        env: z.record(z.string(), z.string()).optional(),
        model: z.string().min(1).optional(),
        permissions: z.string().min(1).optional(),
        scenario: z.string().min(1).optional(),
        family: z.string().min(1).optional(),
        takeover: z.string().min(1).optional(),
      }),
    )
    .optional(),
  roster: z.partialRecord(z.enum(taskTypes), z.array(z.string().min(1))).optional(),
  executor: z.string().min(1).optional(),
  models: z.record(z.string(), z.string()).optional(),
  /** Minutes. */
  timeouts: z
    .strictObject({
      ...clocks,
      byRole: z.record(z.string(), z.strictObject(clocks)).optional(),
      command: minutes.optional(),
      setup: minutes.optional(),
    })
    .optional(),
  budgets: z
    .strictObject({
      runUsd: limit.optional(),
      taskUsd: limit.optional(),
      dayUsd: limit.optional(),
      runTokens: limit.optional(),
      taskTokens: limit.optional(),
      dayTokens: limit.optional(),
    })
    .optional(),
  /** By model id, in USD for a million tokens. */
  prices: z
    .record(
      z.string().min(1),
      z.strictObject({
        input: z.number().min(0),
        output: z.number().min(0),
        cachedInput: z.number().min(0).optional(),
        cacheWrite: z.number().min(0).optional(),
        reasoning: z.number().min(0).optional(),
      }),
    )
    .optional(),
  convergence: z
    .strictObject({
      enabled: z.boolean().optional(),
      maxRounds: z.int().min(1).max(3).optional(),
      verificationMode: z.enum(["lightweight", "full-reanalysis"]).optional(),
      adversarial: z.boolean().optional(),
      severityFloor: z.enum(["blocker", "major", "minor", "nit"]).optional(),
      /** The worker that looks for what nobody reported, in the phases that may have a critic. */
      critic: z.string().min(1).optional(),
      /** Whether the report writer's agent is asked which findings are one where code cannot tell. */
      assistant: z.boolean().optional(),
    })
    .optional(),
  /** Rules of the project for who verifies a stage, beside those that ship with okstra. */
  reviewRules: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(80),
        severity: z.enum(["blocker", "major", "minor", "nit"]),
        rule: z.string().min(1).max(1_000),
      }),
    )
    .max(50)
    .optional(),
  maxFixRounds: z.int().min(0).max(5).optional(),
  /** `path:GLOB` or `text:REGEX`; without a prefix a glob where it has `*` or `/`, else a word. Replaces the built-in list. */
  dataAccessPatterns: z.array(z.string().min(1)).optional(),
  sandbox: z.enum(["auto", "require", "off"]).optional(),
  network: z
    .strictObject({
      mode: z.enum(["open", "model"]).optional(),
      /** `example.org`, `*.example.org` (what lies below it), each with a port or without (80 and 443); `127.0.0.1:5432`. */
      allow: z.array(z.string().min(1)).max(200).optional(),
    })
    .optional(),
  concurrency: z.strictObject({ agents: z.int().min(1).optional(), perFamily: z.int().min(1).optional() }).optional(),
  quota: z
    .strictObject({
      waitHours: z
        .number()
        .min(0)
        .max(7 * 24)
        .optional(),
    })
    .optional(),
  notify: z.array(z.string().min(1)).optional(),
  ui: z.strictObject({ port: z.int().optional() }).optional(),
  cluster: z.strictObject({ databaseUrl: z.string().optional() }).optional(),
  mcp: z.strictObject({ allowApproval: z.boolean().optional() }).optional(),
};

export const config = z.strictObject({ schemaVersion: z.literal(1), ...keys });
export const project = z.strictObject({
  schemaVersion: z.literal(1),
  projectId: z.string().min(1),
  projectRoot: z.string().min(1),
  ...keys,
});

export type Config = z.infer<typeof config>;
export type Project = z.infer<typeof project>;

export const schemas = { config, project };
