/** The plan that implementation-planning delivers, with its Stage Map. Read by the build only; code imports types. */
import { z } from "zod";

const text = z.string().min(1).max(20_000);
const short = z.string().min(1).max(1_000);
const path = z.string().min(1).max(1_024);

export const step = z.strictObject({
  id: z.string().min(1).max(20),
  action: text,
  files: z.array(path).max(200),
  command: z.string().max(2_000).optional(),
  expected: z.string().max(2_000).optional(),
});

export const stage = z.strictObject({
  stageNumber: z.int().min(1),
  title: z.string().min(1).max(200),
  sliceValue: z.string().max(5_000),
  acceptance: z.array(short).max(50),
  dependsOn: z.array(z.int()).max(2_000),
  files: z.array(path).max(1_000),
  steps: z.array(step).max(50),
  validation: z.strictObject({
    pre: z.array(short).max(20),
    mid: z.array(short).max(20),
    post: z.array(short).max(20),
  }),
  conformance: z.array(z.strictObject({ name: short, command: short, needs: z.string().max(1_000) })).max(50),
  exitContract: z.string().max(5_000),
  rollback: z.strictObject({ path: z.string().max(5_000), trigger: z.string().max(5_000) }),
  tddExemption: z.string().min(1).max(2_000).optional(),
});

export const stageMap = z.strictObject({ stages: z.array(stage).max(2_000) });

export const plan = z.strictObject({
  requirements: z
    .array(z.strictObject({ id: z.string().min(1).max(80), text, source: z.string().max(1_000) }))
    .max(2_000),
  options: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(80),
        title: short,
        summary: text,
        pros: z.array(short).max(50),
        cons: z.array(short).max(50),
        effort: z.string().max(1_000),
        risk: z.string().max(1_000),
      }),
    )
    .max(20),
  tradeOffs: z
    .array(z.strictObject({ aspect: short, options: z.array(z.strictObject({ option: short, note: short })).max(20) }))
    .max(50),
  recommendation: z.strictObject({ option: z.string().min(1).max(80), why: text }),
  stageMap,
  dependencies: z.array(z.strictObject({ text, mitigation: z.string().max(5_000) })).max(100),
  validationChecklist: z.strictObject({
    pre: z.array(short).max(50),
    mid: z.array(short).max(50),
    post: z.array(short).max(50),
  }),
  rollback: text,
  requirementCoverage: z
    .array(
      z.strictObject({
        requirement: z.string().min(1).max(80),
        stages: z.array(z.int()).max(2_000),
        note: z.string().max(2_000),
      }),
    )
    .max(2_000),
});

export type Step = z.infer<typeof step>;
export type Stage = z.infer<typeof stage>;
export type StageMap = z.infer<typeof stageMap>;
export type Plan = z.infer<typeof plan>;

export const schemas = { "stage-map": stageMap, plan };
