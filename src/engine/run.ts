/**
 * A run as the engine holds it: its journal and what the journal remembers. Effects go through `fact` (here) and `dispatch`
 * (dispatch.ts); each happens once, however often the run is resumed. Code between effects must be deterministic.
 *
 *   prepared -> started -> step* -> ended
 *                 ^  |
 *                 |  v (killed, interrupted)
 *               resume: the same function again, remembered effects are taken, not done
 */
import type { Profile, RunPaths, StepName } from "../lifecycle/index.ts";
import type { RunManifest, TaskManifest } from "../lifecycle/task.schema.ts";
import { type DispatchIdentity, type EventData, fault, type RunEvent, type RunRef, take } from "../model/index.ts";
import type { Journal, TaskPlace } from "../registry/index.ts";
import type { Confinement } from "./confinement.ts";
import { pausedStarts, withoutPauses } from "./pauses.ts";
import type { SubjectFacts } from "./subject.ts";
import type { ProjectPlace, World } from "./world.ts";

export type OpenRun = {
  readonly world: World;
  readonly project: ProjectPlace;
  readonly place: TaskPlace;
  readonly ref: RunRef;
  readonly id: string;
  readonly paths: RunPaths;
  readonly profile: Profile;
  readonly manifest: RunManifest;
  readonly task: TaskManifest;
  readonly journal: Journal;
  readonly memory: Memory;
};

/** A run that is being executed: it also knows what its workers are told. */
export type Run = OpenRun & {
  readonly subject: SubjectFacts;
  /** Values that must not show in logs, journal and errors; never written. */
  readonly secrets: readonly string[];
  readonly confinement: Confinement;
  /** Of the registered worktree that it works in; null where there is none. */
  readonly slot: number | null;
};

/** What the journal remembers, by key. Only `remember` changes it. */
export type Memory = {
  readonly facts: Map<string, unknown>;
  readonly done: Map<string, EventData["dispatch.done"]>;
  readonly intended: Map<string, (DispatchIdentity & { mark: string })[]>;
  readonly stepsDone: Set<string>;
  readonly said: Set<string>;
  /** How often a dispatch was asked in parts of the run that a quota or budget ended. */
  readonly paused: Map<string, number>;
};

export function memoryOf(events: readonly RunEvent[]): Memory {
  const memory: Memory = {
    facts: new Map(),
    done: new Map(),
    intended: new Map(),
    stepsDone: new Set(),
    said: new Set(),
    paused: pausedStarts(events),
  };
  for (const event of withoutPauses(events)) remember(memory, event);
  return memory;
}

function remember(memory: Memory, event: RunEvent): void {
  if (event.type === "fact") memory.facts.set(event.data.key, event.data.value);
  else if (event.type === "dispatch.done") memory.done.set(event.data.name, event.data);
  else if (event.type === "step.completed" || event.type === "step.skipped") memory.stepsDone.add(event.data.step);
  else if (event.type === "progress") memory.said.add(`${event.data.point} ${event.data.text}`);
  else if (event.type === "dispatch.intended") {
    memory.intended.set(event.data.name, [...(memory.intended.get(event.data.name) ?? []), event.data]);
  } else if (event.type === "run.ended") forgetFailedWriter(memory);
}

/** A run that ended because its writer gave nothing can be resumed: then the writer, and nobody else, is asked again. */
function forgetFailedWriter(memory: Memory): void {
  for (const [name, { status }] of memory.done)
    if (status !== "completed" && isWriter(memory, name)) memory.done.delete(name);
}

const isWriter = (memory: Memory, name: string): boolean => memory.intended.get(name)?.[0]?.purpose === "write";

/** Whether an ended run came as far as its writer, and the writer gave nothing. */
export const lacksWriter = ({ memory }: Pick<OpenRun, "memory">): boolean =>
  !memory.stepsDone.has("write") &&
  [...memory.intended.keys()].some((name) => isWriter(memory, name)) &&
  ![...memory.done.keys()].some((name) => isWriter(memory, name));

/** Appends an event to the journal and so to all who listen. */
export async function record(run: OpenRun, event: RunEvent, options: { durable?: boolean } = {}): Promise<void> {
  take(await run.journal.append(event, options));
  remember(run.memory, event);
}

/** The remembered value of an effect, or the effect itself, once. Values are JSON; big ones belong in files. */
export async function fact<T>(run: OpenRun, key: string, body: () => Promise<T>): Promise<T> {
  if (!run.memory.facts.has(key)) {
    stopIfInterrupted(run.world);
    const value = plainJson(await body());
    await record(run, { type: "fact", data: { key, value } });
  }
  return run.memory.facts.get(key) as T;
}

/** Whether an effect is remembered, without doing it. */
export const knows = (run: OpenRun, key: string): boolean => run.memory.facts.has(key);

/** A step with its events. A completed one runs again silently on resume: everything in it is remembered. */
export async function step<T>(run: OpenRun, name: StepName, body: () => Promise<T>): Promise<T> {
  stopIfInterrupted(run.world);
  if (run.memory.stepsDone.has(name)) return body();
  await record(run, { type: "step.started", data: { step: name } });
  const value = await body();
  await record(run, { type: "step.completed", data: { step: name } }, { durable: true });
  return value;
}

export async function skipStep(run: OpenRun, name: StepName, why: string): Promise<void> {
  if (!run.memory.stepsDone.has(name)) await record(run, { type: "step.skipped", data: { step: name, why } });
}

/** All of them, or the first that failed, once every one has come to its end: no agent works on while its run ends. */
export async function allOf<T>(under: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(under);
  return await Promise.all(under);
}

/** A progress point for people; said once per run, also over resumes. */
export async function progress(run: OpenRun, point: string, text = ""): Promise<void> {
  if (!run.memory.said.has(`${point} ${text}`)) await record(run, { type: "progress", data: { point, text } });
}

export function stopIfInterrupted(world: World): void {
  if (world.signal.aborted) throw interrupted();
}

const interrupted = () =>
  fault("interrupted", "Stopped on request; nothing is lost", "To go on, run okstra resume with the run's id");

function plainJson(value: unknown): unknown {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown);
}
