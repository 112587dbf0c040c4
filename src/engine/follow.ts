/**
 * Follows a run that another process executes: each new event as it is written, until the run has ended or nobody executes it
 * any more. Looks only; the one lock it takes is that of a run that has ended, to know that its end is recorded.
 *
 *   look -> new events heard -> ended? -> done
 *     ^                           \-> nobody holds the run's lock, and still nothing new -> idle
 *     \- the journal changed, or a second went by
 */
import { runPaths } from "../lifecycle/index.ts";
import { type JournalEvent, printRun, type RunRef } from "../model/index.ts";
import { runLock } from "../registry/index.ts";
import { Bell } from "./bell.ts";
import { openProject } from "./project.ts";
import { requireTask } from "./require-task.ts";
import { type RunState, readRunState } from "./run-state.ts";
import type { World } from "./world.ts";

export type FollowAsk = {
  readonly cwd: string;
  readonly run: RunRef;
  /** Called with new events, oldest first; the first call brings what is there already. */
  readonly hear: (events: readonly JournalEvent[]) => void;
  /** Also waits until the process that ended the run has recorded that everywhere. */
  readonly settled: boolean;
};

/** `idle`: the run has not ended, and nobody executes it. */
export type Followed = { readonly state: RunState; readonly end: "ended" | "idle" };

/** Throws `not-a-run`, `journal-broken`, and `interrupted` when the signal stops the waiting. */
export async function followRun(world: World, ask: FollowAsk): Promise<Followed> {
  const project = await openProject(world, ask.cwd, ask.run.key);
  await requireTask(world, project.projectRoot, ask.run.key);
  const lock = runLock(world.home, ask.run);
  const bell = new Bell(world, runPaths(project.projectRoot, ask.run).journal);
  let heard = 0;
  try {
    for (;;) {
      const held = (await world.host.locks.owner(lock)) !== undefined;
      const state = await readRunState(world, project, ask.run);
      const fresh = state.events.slice(heard);
      heard = state.events.length;
      if (fresh.length > 0) ask.hear(fresh);
      if (hasEnded(state.events)) {
        if (ask.settled) await settledEnd(world, ask.run);
        return { state, end: "ended" };
      }
      // The owner was asked first: what it wrote before it went has been read.
      if (!held) return { state, end: "idle" };
      await bell.rings();
    }
  } finally {
    bell.stop();
  }
}

/** A cancelled run that was resumed has not ended. */
const hasEnded = (events: readonly JournalEvent[]): boolean =>
  events.findLast((event) => event.type === "run.ended" || event.type === "run.started")?.type === "run.ended";

/** The lock is free when the end is recorded, or when the process that should have done so is gone. */
async function settledEnd(world: World, run: RunRef): Promise<void> {
  const waited = `wait for ${printRun(run)}`;
  await world.host.locks.hold(runLock(world.home, run), waited, async () => undefined, { signal: world.signal });
}
