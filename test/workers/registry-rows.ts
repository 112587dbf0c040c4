/** Valid rows and entries with what a test cares about put in. */
import type { IndexRow, LedgerRow, RegistryEntry } from "../../src/registry/registry.schema.ts";

const time = "2026-11-21T00:00:00.000Z";
export const commitOf = (number: number): string => number.toString(16).padStart(40, "0");

export const rowOf = (row: Partial<LedgerRow>): LedgerRow => ({
  schemaVersion: 1,
  impl_task_key: "shop/q3/cart",
  stage: 1,
  status: "started",
  plan: "a".repeat(64),
  cycle: 0,
  attempt: 1,
  started_at: time,
  head_commit: commitOf(1),
  carry_path: null,
  run: "Shop/Q3/Cart@implementation.stage-1#001",
  source: "prepare",
  machine: "here",
  ...row,
});

export const entryOf = (stage: number, run: string, entry: Partial<RegistryEntry> = {}): RegistryEntry => ({
  key: `shop/q3/cart#stage-${stage}`,
  worktreePath: `/home/worktrees/shop/q3/cart/stage-${stage}`,
  branch: `feat-cart-s${stage}`,
  baseRef: "main",
  baseCommit: commitOf(1),
  repository: "/project/.git",
  phase: "implementation",
  stage,
  plan: "a".repeat(64),
  cycle: 0,
  status: "active",
  intent: null,
  holder: { run, nonce: "n", pid: 1, startTime: "1", bootId: "b", machine: "m" },
  slot: stage,
  implementationBase: {},
  createdAt: time,
  updatedAt: time,
  ...entry,
});

export const indexRowOf = (run: string, row: Partial<IndexRow> = {}): IndexRow => ({
  schemaVersion: 1,
  run,
  taskKey: "Shop/Q3/Cart",
  taskType: "error-analysis",
  stage: null,
  seq: 1,
  projectRoot: "/project",
  event: "prepared",
  outcome: null,
  time,
  invocation: {},
  costUsd: null,
  ...row,
});
