/**
 * Runs again what earlier runs were asked for. The whole batch is prepared before anything of it is executed, so that its sequence
 * numbers are taken at once; its record is in the home from then on and says at each moment what was started.
 *
 *   picked -> rejected | skipped | prepared -> spawned (executed here one after another, or each in a process of its own)
 */
import type { RunSummary } from "../../lifecycle/task.schema.ts";
import {
  type Failure,
  Fault,
  fault,
  printRun,
  type RunRef,
  readRun,
  readTaskKey,
  shellWord,
  take,
} from "../../model/index.ts";
import { type FoundProject, readCatalog } from "../../registry/index.ts";
import type { BatchItem, RerunBatch } from "../batch.schema.ts";
import { resumeDetached } from "../detach.ts";
import { locate } from "../locate.ts";
import { prepareRun } from "../prepare/index.ts";
import { requireTask } from "../require-task.ts";
import { resume } from "../steer.ts";
import { nowOf, type TaskKey, type World } from "../world.ts";
import { requestAgain } from "./again.ts";
import { Book } from "./book.ts";
import { foresee } from "./foresee.ts";
import { readSelector, type Selector, selects, tasksOf } from "./selector.ts";

export type RerunAsk = {
  readonly cwd: string;
  readonly selector: string;
  /** At most so many are spawned; null: all. */
  readonly max: number | null;
  readonly dryRun: boolean;
  readonly detach: boolean;
};

export type Rerun = {
  readonly batch: RerunBatch;
  /** Where the record is; null when nothing was to be changed. */
  readonly record: string | null;
  /** What was executed by this process, in order. */
  readonly runs: readonly RunSummary[];
  /** How to attach to each new run or look at it, by its id. */
  readonly attach: Readonly<Record<string, string>>;
};

/** Throws `not-a-run` when no run fits, what `readSelector` throws, and what stops a run without ending it. */
export async function rerun(world: World, ask: RerunAsk): Promise<Rerun> {
  const selector = readSelector(ask.selector);
  const picked = await pick(world, ask.cwd, selector);
  if (picked.length === 0)
    throw fault("not-a-run", `No run fits ${selector.raw}`, "okstra status TASK lists the runs of a task", {
      selector: selector.raw,
    });
  if (ask.dryRun) return await foreseen(world, ask, picked);
  const book = new Book(world, { selectorRaw: selector.raw, maxSpawn: ask.max });
  const prepared = await prepareAll(world, ask, { picked, book });
  const attach: Record<string, string> = {};
  const runs: RunSummary[] = [];
  for (const { at, ref } of prepared) {
    const id = printRun(ref);
    attach[id] = `okstra logs ${shellWord(id)} -f`;
    if (ask.detach) {
      const session = await spawn(world, ask.cwd, { book, at, ref });
      if (session !== undefined) attach[id] = session;
      continue;
    }
    await book.change(at, { status: "spawned", spawnedAt: nowOf(world), skipReason: null });
    runs.push(await resume(world, ask.cwd, { run: ref, budget: null }));
  }
  return { batch: book.batch(), record: book.path, runs, attach };
}

type Picked = { readonly run: RunRef; readonly summary: RunSummary; readonly project: FoundProject };

/** Oldest first: of the tasks that the selector names, or of the project around `cwd`. */
async function pick(world: World, cwd: string, selector: Selector): Promise<readonly Picked[]> {
  const named = tasksOf(selector);
  const keys = named.length > 0 ? named : await tasksAround(world, cwd);
  const found = new Map<string, Picked>();
  for (const key of keys) {
    const project = await locate(world, cwd, key);
    const { runs } = await requireTask(world, project.projectRoot, key);
    for (const summary of runs) {
      if (selects(selector, summary)) found.set(summary.id, { run: readRun(summary.id), summary, project });
    }
  }
  return [...found.values()].sort((a, b) => (a.summary.startedAt < b.summary.startedAt ? -1 : 1));
}

async function tasksAround(world: World, cwd: string): Promise<readonly TaskKey[]> {
  const { projectRoot } = await locate(world, cwd, null);
  return take(await readCatalog(world.host, projectRoot)).tasks.map(({ key }) => readTaskKey(key));
}

type No = Pick<BatchItem, "status" | "skipReason">;

/** Why a run is not run again; undefined when it may be. `spawned`: how many of the batch are before it. */
function refusal({ run, summary }: Picked, spawned: number, max: number | null): No | undefined {
  const no = (status: No["status"], skipReason: string): No => ({ status, skipReason });
  const key = summary.taskKey;
  if (run.taskType === "implementation")
    return no(
      "rejected",
      `a stage is not run again; start the next ready one: okstra implement ${shellWord(key)} --stage auto`,
    );
  if (run.taskType === "release-handoff")
    return no(
      "rejected",
      `a person chooses what a hand-off does: okstra handoff ${shellWord(key)} --action commit-only`,
    );
  if (summary.outcome === null || summary.outcome === "prepared")
    return no("skipped", `it has not ended; to go on: okstra resume ${shellWord(summary.id)}`);
  return max !== null && spawned >= max ? no("skipped", `more than --max ${max}`) : undefined;
}

const noRun = { newRunId: null, newRunSeq: null, sessionName: null, spawnedAt: null };

async function foreseen(world: World, ask: RerunAsk, picked: readonly Picked[]): Promise<Rerun> {
  const book = new Book(world, { selectorRaw: ask.selector, maxSpawn: ask.max });
  const foretold: RunRef[] = [];
  for (const one of picked) {
    const no = refusal(one, foretold.length, ask.max);
    if (no !== undefined) {
      book.enter({ ...noRun, originalRunId: one.summary.id, ...no });
      continue;
    }
    const next = await foresee(world, one.project.projectRoot, { run: one.run, before: foretold });
    foretold.push(next);
    const made = { newRunId: printRun(next), newRunSeq: next.seq, status: "dry-run" as const, skipReason: null };
    book.enter({ ...noRun, originalRunId: one.summary.id, ...made });
  }
  return { batch: book.batch(), record: null, runs: [], attach: {} };
}

type Ready = { readonly at: number; readonly ref: RunRef };

/** Every run that can start, prepared; the others entered with the reason. */
async function prepareAll(
  world: World,
  ask: RerunAsk,
  { picked, book }: { readonly picked: readonly Picked[]; readonly book: Book },
): Promise<readonly Ready[]> {
  const ready: Ready[] = [];
  for (const one of picked) {
    const originalRunId = one.summary.id;
    const no = refusal(one, ready.length, ask.max);
    const made = no ?? (await prepareAgain(world, one));
    if ("status" in made) book.enter({ ...noRun, originalRunId, ...made });
    else {
      const id = printRun(made);
      const waits = `prepared and not started; to go on: okstra resume ${shellWord(id)}`;
      const item = { ...noRun, newRunId: id, newRunSeq: made.seq, status: "skipped" as const, skipReason: waits };
      ready.push({ at: book.enter({ ...item, originalRunId }), ref: made });
    }
    await book.save();
  }
  return ready;
}

/** The new run, or why its prepare refused; what stops a person's command is thrown on. */
async function prepareAgain(world: World, one: Picked): Promise<RunRef | No> {
  try {
    const { manifest } = await prepareRun(world, await requestAgain(world, one.project, one.run));
    return { ...one.run, stage: manifest.stage, seq: manifest.seq };
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.failure.reason === "interrupted") throw thrown;
    return { status: "rejected", skipReason: sentence(thrown.failure) };
  }
}

/** The command that attaches; undefined when the process did not begin, which the record then says. */
async function spawn(
  world: World,
  cwd: string,
  { book, at, ref }: Ready & { readonly book: Book },
): Promise<string | undefined> {
  try {
    const { sessionName, attach } = await resumeDetached(world, cwd, { run: ref, flags: [] });
    await book.change(at, { status: "spawned", spawnedAt: nowOf(world), sessionName, skipReason: null });
    return attach;
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.failure.reason === "interrupted") throw thrown;
    await book.change(at, { skipReason: sentence(thrown.failure) });
    return undefined;
  }
}

const sentence = ({ message, remedy }: Failure): string => (remedy === "" ? message : `${message}. ${remedy}`);
