/**
 * The task's worktree is read by runs that study the task, and by a hand-off; a merge moves it. So a merge waits until nobody
 * reads, and who begins to read waits until no merge is under way.
 *
 *   reader  run's lock -> task lock taken and given back -> reads ... -> run's lock freed, also by its death
 *   merge   task lock -> a reader holds its run's lock? -> yes: task lock given back, waits for that run, again
 *                                                       -> no: merges, task lock given back
 *
 * A reader that the merge did not see comes to the task lock after it, and so looks at the merged tree. The merge decides by
 * records of who holds a run's lock: a reader's is written before it comes to the task lock.
 */
import { profiles, runPaths } from "../lifecycle/index.ts";
import { printRun, type RunRef, readRun, take } from "../model/index.ts";
import { readTaskManifest, taskLock, withLock } from "../registry/index.ts";
import { Bell } from "./bell.ts";
import { executorOf } from "./executor-of.ts";
import { type OpenRun, progress, type Run } from "./run.ts";

const reads = ({ taskType }: Pick<RunRef, "taskType">): boolean =>
  profiles[taskType].workplace === "task-tree" || profiles[taskType].workplace === "handoff";

/** Called by whoever executes a run, holding its lock, before anything of the run looks at the task's worktree. */
export async function beginToRead(run: OpenRun): Promise<void> {
  if (reads(run.ref))
    await withLock(run.world.host, taskLock(run.world.home, run.ref.key), `begin ${run.id}`, async () => undefined);
}

/** Runs the body under the task's lock while no run reads the task's worktree; waits for those that do. */
export async function whileNobodyReads<T>(run: Run, purpose: string, body: () => Promise<T>): Promise<T> {
  const { host, home } = run.world;
  for (;;) {
    const met = await withLock(host, taskLock(home, run.ref.key), purpose, async () => {
      const reader = await readerOf(run);
      return reader === undefined ? { value: await body() } : { reader };
    });
    if ("value" in met) return met.value;
    await endOf(run, met.reader);
  }
}

async function readerOf(run: Run): Promise<RunRef | undefined> {
  const task = take(await readTaskManifest(run.world.host, run.place));
  for (const { id } of task?.runs ?? []) {
    const other = readRun(id);
    if (id !== run.id && reads(other) && (await executorOf(run.world, other)) !== undefined) return other;
  }
  return undefined;
}

async function endOf(run: Run, reader: RunRef): Promise<void> {
  await progress(run, "phase-7-integrate", `waits for ${printRun(reader)}, which reads the task's worktree`);
  const bell = new Bell(run.world, runPaths(run.project.projectRoot, reader).journal);
  try {
    while ((await executorOf(run.world, reader)) !== undefined) await bell.rings();
  } finally {
    bell.stop();
  }
}
