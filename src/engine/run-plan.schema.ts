/** What `--dry-run` answers: a run as it would be prepared and executed now. Code imports types only. */
import { z } from "zod";
import { workerSpec, worktreeRef } from "../lifecycle/task.schema.ts";
import { taskTypes } from "../model/task.ts";

/** The first dispatch of a worker. */
export const plannedAgent = workerSpec.extend({
  purpose: z.string(),
  access: z.enum(["read-only", "workspace-write"]),
  /** Folders outside its own of this dispatch. */
  mayWrite: z.array(z.string()),
  /** What keeps it to that. */
  keptBy: z.array(z.string()),
  cwd: z.string(),
  /** Exactly, but for `<prompt>`, `<session>`, `<git folders>`, `<schema>` and `<budget left>`; where it is confined, inside of that. */
  command: z.array(z.string()),
  /** Names of the variables that it sees. */
  environment: z.array(z.string()),
  /** What it is expected to use; `from`: the mean of so many past dispatches, 0 where the default of its role holds. */
  projection: z.strictObject({ usd: z.number().nullable(), tokens: z.number(), from: z.int().min(0) }),
  /** It says what it used only when a turn is over, and keeps no limit in money: one turn may go over the budget. */
  mayOvershoot: z.boolean(),
});

const limit = z.number().nullable();

export const runPlan = z.strictObject({
  schemaVersion: z.literal(1),
  dryRun: z.literal(true),
  /** The id that it would get. */
  id: z.string(),
  taskKey: z.string(),
  title: z.string(),
  newTask: z.boolean(),
  taskType: z.enum(taskTypes),
  stage: z.int().nullable(),
  scope: z.string(),
  seq: z.int().min(1),
  steps: z.array(z.string()),
  /** Where it works; `created`: the tree is not there yet. */
  worktree: worktreeRef,
  /** What an implementation or verification goes by. */
  plan: z.strictObject({ run: z.string(), content: z.string(), cycle: z.int() }).nullable(),
  agents: z.array(plannedAgent),
  /** What a new worktree would be filled with. */
  provision: z.strictObject({
    syncDirs: z.array(z.string()),
    copyFiles: z.array(z.string()),
    cloneDirs: z.array(z.string()),
    setup: z.array(z.string()),
  }),
  budget: z.strictObject({
    runUsd: limit,
    taskUsd: limit,
    dayUsd: limit,
    runTokens: limit,
    taskTokens: limit,
    dayTokens: limit,
  }),
  /** How the limits that are set stand for a new run, now. `held`: reserved by agents at work. */
  budgetNow: z.array(
    z.strictObject({
      scope: z.enum(["run", "task", "day"]),
      unit: z.enum(["usd", "tokens"]),
      limit: z.number(),
      used: z.number(),
      held: z.number(),
    }),
  ),
  /** Convergence rounds at most. */
  rounds: z.int().min(0),
  sandbox: z.strictObject({
    asked: z.enum(["auto", "require", "off"]),
    /** Where that was said: `--sandbox`, a variable, a settings file, `built in`. */
    source: z.string(),
    /** What confines agents and commands, or `none` with the reason. */
    confinedBy: z.string(),
  }),
  /** What confined processes reach. `allow`: beside an agent's own hosts, where the mode is `model`. */
  network: z.strictObject({ asked: z.enum(["open", "model"]), source: z.string(), allow: z.array(z.string()) }),
  notes: z.array(z.string()),
});

export type PlannedAgent = z.infer<typeof plannedAgent>;
export type RunPlan = z.infer<typeof runPlan>;

export const schemas = { "run-plan": runPlan };
