/** What a run's state files say of its items: read, checked, and compared with what the run left. */
import { relative } from "node:path";
import type { ConvergenceState, PlanBodyState } from "../convergence/convergence.schema.ts";
import { checkConvergenceState, checkPlanBodyState } from "../generated/convergence.check.js";
import { checkApproval } from "../generated/task.check.js";
import { runPaths, taskPaths } from "../lifecycle/index.ts";
import type { Approval } from "../lifecycle/task.schema.ts";
import {
  type Check,
  fault,
  parseJson,
  printKey,
  printRun,
  type RunRef,
  readRun,
  shellWord,
  take,
} from "../model/index.ts";
import { type FoundProject, readOverrides } from "../registry/index.ts";
import type { Override } from "../registry/registry.schema.ts";
import { locate } from "./locate.ts";
import { requireTask } from "./require-task.ts";
import { type RunState, readRunState } from "./run-state.ts";
import { questionOf } from "./verified-range.ts";
import { isWeakening, weakenedIn } from "./weakened.ts";
import { placeOf, type TaskKey, type World } from "./world.ts";

export type Inspected = {
  readonly run: RunState;
  readonly convergence: ConvergenceState | null;
  readonly planBody: PlanBodyState | null;
  /** What persons let pass of what this run found, oldest first. */
  readonly overrides: readonly Override[];
  /** Who took the residual risks of a verification. */
  readonly acceptance: Approval | null;
  /** State files that are not what the run left. */
  readonly notes: readonly string[];
};

/** A run, or the task's newest run that has items. Throws `not-a-run` where there are none to explain. */
export async function inspectRun(
  world: World,
  cwd: string,
  of: { readonly key: TaskKey; readonly run: RunRef | null },
): Promise<Inspected> {
  const project = await locate(world, cwd, of.key);
  const task = await requireTask(world, project.projectRoot, of.key);
  if (of.run !== null) {
    const found = await inspectOne(world, project, of.run);
    if (found !== undefined) return found;
    throw fault(
      "not-a-run",
      `${printRun(of.run)} has no items to explain: no worker's findings were brought together in it`,
      `okstra show ${shellWord(printRun(of.run))} says what it did`,
      { run: printRun(of.run) },
    );
  }
  for (const { id } of [...task.runs].reverse()) {
    const found = await inspectOne(world, project, readRun(id));
    if (found !== undefined) return found;
  }
  throw fault(
    "not-a-run",
    `${printKey(of.key)} has no run with items to explain yet`,
    `okstra status ${shellWord(task.key)} shows its runs`,
    { key: task.key },
  );
}

async function inspectOne(world: World, project: FoundProject, ref: RunRef): Promise<Inspected | undefined> {
  const run = await readRunState(world, project, ref);
  const paths = runPaths(project.projectRoot, ref);
  const convergence = await stateOf(world, paths.convergence, checkConvergenceState);
  const planBody = await stateOf(world, paths.planBody, checkPlanBodyState);
  if (convergence === null && planBody === null) return undefined;
  const folder = taskPaths(project.projectRoot, ref.key).folder;
  const notes = await Promise.all(
    [paths.convergence, paths.planBody].map((path) => changedSince(world, { run, path, name: relative(folder, path) })),
  );
  const overrides = await overridesOf(world, project, { run, convergence });
  const acceptance = await stateOf(world, paths.approval, checkApproval);
  return {
    ...{ run, convergence, planBody, overrides, notes: notes.flat() },
    acceptance: acceptance?.decision === "accepted" ? acceptance : null,
  };
}

type Found = { readonly run: RunState; readonly convergence: ConvergenceState | null };

/** By the ids that items have over all runs that ask the same, and the sentences of weakened tests. */
async function overridesOf(world: World, project: FoundProject, { run, convergence }: Found): Promise<Override[]> {
  const place = placeOf(world, project.projectRoot, readRun(run.summary.id).key);
  const asked = questionOf(run.manifest);
  const ids = new Set((convergence?.items ?? []).map(({ id }) => id));
  const weakened = new Set(weakenedIn(run.events));
  return take(await readOverrides(world.host, place)).filter(
    (row) =>
      row.item.types.includes(asked) &&
      (isWeakening(row) ? row.item.claims.some((claim) => weakened.has(claim)) : ids.has(row.item.id)),
  );
}

async function stateOf<T>(world: World, path: string, check: Check<T>): Promise<T | null> {
  const text = await world.host.files.readText(path);
  return text === undefined ? null : parseJson(check, text, "state file", path);
}

type Kept = { readonly run: RunState; readonly path: string; readonly name: string };

/** The journal of an ended run has the hash of every file that it left. */
async function changedSince(world: World, { run, path, name }: Kept): Promise<string[]> {
  const ended = run.events.findLast((event) => event.type === "run.ended");
  const left = ended?.data.artifacts.find((artifact) => artifact.path === name)?.sha256;
  if (left === undefined || (await world.host.files.hash(path)) === left) return [];
  return [`${name} was changed after the run: okstra validate run ${shellWord(run.summary.id)}`];
}
