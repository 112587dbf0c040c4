/**
 * What each worker's findings came to over past runs, from state files and journals: raised, confirmed, refuted, found by nobody else
 * and confirmed, and the cost of it. An item counts once for each worker that stated it, however many findings it was.
 */
import type { ConvergenceState, Item } from "../convergence/convergence.schema.ts";
import { checkConvergenceState } from "../generated/convergence.check.js";
import { runPaths } from "../lifecycle/index.ts";
import { type EventData, Fault, parseJson, printRun, type RunRef, type TaskType } from "../model/index.ts";
import { findRuns, type RunsOf } from "./find-runs.ts";
import { type RunState, readRunState } from "./run-state.ts";
import type { World } from "./world.ts";

export type YieldRow = {
  worker: string;
  model: string;
  taskType: TaskType;
  runs: number;
  raised: number;
  confirmed: number;
  refuted: number;
  /** Neither: contested, or of one worker alone. */
  open: number;
  /** Stated by this worker alone and confirmed by others. */
  uniqueConfirmed: number;
  tokens: number;
  /** Null as soon as the cost of one dispatch is unknown. */
  costUsd: number | null;
  costPerConfirmed: number | null;
};

export type Yield = {
  readonly rows: readonly YieldRow[];
  readonly runs: number;
  /** Runs that could not be read, with the reason. */
  readonly notes: readonly string[];
};

export async function yieldOf(world: World, cwd: string, of: RunsOf): Promise<Yield> {
  const found = await findRuns(world, cwd, of);
  const rows = new Map<string, YieldRow>();
  const notes: string[] = [];
  let runs = 0;
  for (const ref of found.runs) {
    try {
      const past = await pastRun(world, found.projectRoot, ref);
      if (past === undefined) continue;
      addRun(rows, ref.taskType, past);
      runs += 1;
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      notes.push(`${printRun(ref)} is left out: ${thrown.failure.message}`);
    }
  }
  return { rows: [...rows.values()].sort(byName).map(priced), runs, notes };
}

type PastRun = { readonly run: RunState; readonly state: ConvergenceState };

async function pastRun(world: World, projectRoot: string, ref: RunRef): Promise<PastRun | undefined> {
  const path = runPaths(projectRoot, ref).convergence;
  const text = await world.host.files.readText(path);
  if (text === undefined) return undefined;
  const state = parseJson(checkConvergenceState, text, "state file", path);
  return { run: await readRunState(world, { projectId: ref.key.project, projectRoot }, ref), state };
}

function addRun(rows: Map<string, YieldRow>, taskType: TaskType, { run, state }: PastRun): void {
  for (const { worker, model, dispatches } of workersOf(run)) {
    const key = JSON.stringify([worker, model, taskType]);
    const row = rows.get(key) ?? emptyRow(worker, model, taskType);
    row.runs += 1;
    for (const item of state.items.filter(({ members }) => members.some((member) => member.worker === worker)))
      addItem(row, item);
    for (const { usage } of dispatches) {
      if (usage !== null)
        row.tokens += usage.input + usage.cachedInput + usage.cacheWrite + usage.output + usage.reasoning;
      row.costUsd = row.costUsd === null || usage?.costUsd == null ? null : row.costUsd + usage.costUsd;
    }
    rows.set(key, row);
  }
}

const emptyRow = (worker: string, model: string, taskType: TaskType): YieldRow => ({
  ...{ worker, model, taskType, runs: 0, raised: 0, confirmed: 0, refuted: 0, open: 0, uniqueConfirmed: 0 },
  ...{ tokens: 0, costUsd: 0, costPerConfirmed: null },
});

function addItem(row: YieldRow, item: Item): void {
  row.raised += 1;
  if (item.class === "full-consensus" || item.class === "partial-consensus") {
    row.confirmed += 1;
    if (item.members.every(({ worker }) => worker === row.worker)) row.uniqueConfirmed += 1;
  } else if (item.class === "refuted" || item.class === "unsubstantiated") row.refuted += 1;
  else row.open += 1;
}

const priced = (row: YieldRow): YieldRow => ({
  ...row,
  costPerConfirmed: row.costUsd === null || row.confirmed === 0 ? null : row.costUsd / row.confirmed,
});

type WorkerOfRun = {
  readonly worker: string;
  readonly model: string;
  readonly dispatches: readonly EventData["dispatch.done"][];
};

/** Who looked for findings, with the model that really answered and everything that he was asked. */
function workersOf({ manifest, events }: RunState): WorkerOfRun[] {
  const looking = manifest.roster.filter(({ role }) => role === "analyser" || role === "verifier" || role === "critic");
  const purposes = new Map<string, { worker: string; role: string }>();
  for (const event of events) if (event.type === "dispatch.intended") purposes.set(event.data.name, event.data);
  const done = events.flatMap((event) => (event.type === "dispatch.done" ? [event.data] : []));
  return [...new Map(looking.map((spec) => [spec.worker, spec])).values()].map(({ worker, model }) => {
    const dispatches = done.filter(({ name }) => {
      const asked = purposes.get(name);
      return asked?.worker === worker && asked.role !== "executor" && asked.role !== "report-writer";
    });
    return {
      worker,
      model: dispatches.find(({ modelServed }) => modelServed !== null)?.modelServed ?? model,
      dispatches,
    };
  });
}

const byName = (a: YieldRow, b: YieldRow): number =>
  JSON.stringify([a.taskType, a.worker, a.model]) < JSON.stringify([b.taskType, b.worker, b.model]) ? -1 : 1;
