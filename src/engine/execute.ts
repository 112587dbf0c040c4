/**
 * Executes a prepared run, or goes on with one that was killed. One process at a time holds the run's lock; the journal says what
 * is done already. A run ends in exactly one outcome; what interrupts it without ending it (a person, a full disk) leaves it
 * resumable.
 */

import { join } from "node:path";
import { profiles, runPaths, taskPaths } from "../lifecycle/index.ts";
import type { RunSummary } from "../lifecycle/task.schema.ts";
import {
  exitCodeOf,
  type Failure,
  Fault,
  fault,
  mayResume,
  type Outcome,
  printRun,
  type RunRef,
  shellWord,
  take,
} from "../model/index.ts";
import {
  openJournal,
  readClarifications,
  readHead,
  readRegistry,
  runLock,
  taskLock,
  withLock,
} from "../registry/index.ts";
import { budgetFact, type GivenBudget, settleEarlier } from "./budget.ts";
import { commandFolder, confinedAs, confinementFor } from "./confinement.ts";
import { type Ending, endRun, listAgain, settleEnd } from "./ending.ts";
import { executing } from "./executor-of.ts";
import { finalVerification } from "./flows/final-verification.ts";
import { handoff } from "./flows/handoff.ts";
import { implementation } from "./flows/implementation.ts";
import { study } from "./flows/study.ts";
import { sayingHow, suspending } from "./goes-on.ts";
import { endLeftovers } from "./leftovers.ts";
import { commandGate, tellRefused } from "./network.ts";
import { sha256 } from "./prepare/task.ts";
import { outwaitQuota } from "./quota-wait.ts";
import { beginToRead } from "./readers.ts";
import { requireTask } from "./require-task.ts";
import { fact, lacksWriter, memoryOf, type OpenRun, type Run, record } from "./run.ts";
import { readManifest } from "./run-state.ts";
import { secretsOf } from "./secrets-of.ts";
import { summarise } from "./summary.ts";
import { takeInAnswers } from "./take-in.ts";
import { type ProjectPlace, placeOf, type World } from "./world.ts";

/** The work of each task type: from a prepared run to how it ends. */
const flows: Readonly<Record<RunRef["taskType"], (run: Run) => Promise<Ending>>> = {
  "requirements-discovery": study,
  "improvement-discovery": study,
  "error-analysis": study,
  "implementation-planning": study,
  implementation,
  "final-verification": finalVerification,
  "release-handoff": handoff,
};

/** `budget`: what a person gives a run that is gone on with. */
export const executeRun = (
  world: World,
  project: ProjectPlace,
  ref: RunRef,
  budget: GivenBudget | null = null,
): Promise<RunSummary> => sayingHow(printRun(ref), () => executeOverQuotas(world, project, ref, budget));

/** Again and again while a quota pauses it and the settings say to wait. */
async function executeOverQuotas(
  world: World,
  project: ProjectPlace,
  ref: RunRef,
  budget: GivenBudget | null,
): Promise<RunSummary> {
  let given = budget;
  let since: number | undefined;
  for (;;) {
    const run = await execute(world, project, ref, given);
    given = null;
    since ??= world.host.clock.now();
    if (!(await outwaitQuota(run, since)))
      return summarise(project.projectRoot, run.manifest, run.journal.events, run.journal.head().sha256);
  }
}

async function execute(world: World, project: ProjectPlace, ref: RunRef, budget: GivenBudget | null): Promise<OpenRun> {
  const id = printRun(ref);
  const lock = await world.host.locks.tryAcquire(runLock(world.home, ref), `${executing}${id}`);
  if (lock === undefined) {
    const owner = await world.host.locks.owner(runLock(world.home, ref));
    throw fault(
      "run-active",
      `${id} is being executed by ${owner ?? "another process"}`,
      `Wait for it with okstra wait ${shellWord(id)}, or stop it with okstra cancel ${shellWord(id)}`,
      { run: id },
    );
  }
  await using _held = lock;
  const run = await openRun(world, project, ref);
  const outcome = await conclude(run, budget);
  if (outcome !== undefined) await endRun(run, outcome);
  return run;
}

/** Reads a run and takes its journal for writing; the caller holds the run's lock. */
export async function openRun(world: World, project: ProjectPlace, ref: RunRef): Promise<OpenRun> {
  const id = printRun(ref);
  const paths = runPaths(project.projectRoot, ref);
  const manifest = await readManifest(world, project, ref);
  const place = placeOf(world, project.projectRoot, ref.key);
  const task = await requireTask(world, project.projectRoot, ref.key);
  const journal = take(await openJournal(world.host, place, ref));
  journal.listen(world.listen);
  return {
    world,
    project,
    place,
    ref,
    id,
    paths,
    profile: profiles[ref.taskType],
    manifest,
    task,
    journal,
    memory: memoryOf(journal.events),
  };
}

/** Prepare leaves the head before it lists the run: without one this home never held its locks, trees and stages. */
const unknownHere = (run: OpenRun): Fault =>
  fault(
    "run-changed",
    `The home ${run.world.home} knows nothing of ${run.id}: it was prepared with another home`,
    "Set OKSTRA_HOME to the home that it was prepared with; where that is gone, start the phase again with okstra run",
    { run: run.id, home: run.world.home },
  );

/** Runs the flow; undefined means that the run has ended before and nothing was done. */
async function conclude(run: OpenRun, budget: GivenBudget | null): Promise<Ending | undefined> {
  requireUnchanged(run);
  const head = take(await readHead(run.world.host, run.world.home, run.ref));
  if (head === undefined) throw unknownHere(run);
  const ended = run.journal.events.findLast((event) => event.type === "run.ended" || event.type === "run.started");
  if (ended?.type === "run.ended" && !mayResume(ended.data.outcome) && !lacksWriter(run)) {
    if (!head.ended) await settleEnd(run);
    throw fault(
      "run-ended",
      `${run.id} has already ended: ${ended.data.outcome}`,
      `See it with okstra show ${shellWord(run.id)}; start the phase again with okstra run`,
      {
        run: run.id,
        outcome: ended.data.outcome,
      },
    );
  }
  const confinement = await confinementFor(run.world, run.project, run.manifest.invocation);
  const resumed = run.journal.events.some((event) => event.type === "run.started");
  const again = resumed ? await endLeftovers(run) : [];
  const reused = [...run.memory.done.keys()];
  const { pid, startTime, bootId } = run.world.host.machine;
  await record(
    run,
    { type: "run.started", data: { pid, startTime, bootId, resumed, reused, again } },
    { durable: true },
  );
  // A run that had ended and is taken up again is not settled any more.
  if (ended?.type === "run.ended") {
    take(await run.journal.saveHead());
    await listAgain(run);
  }
  if (budget !== null) await record(run, { type: "fact", data: { key: budgetFact, value: budget } });
  await fact(run, `${confinedAs}${starts(run)}`, async () => confinement.said);
  try {
    await beginToRead(run);
    if (resumed) await settleEarlier(run);
    await using gate = await commandGate(run.world, confinement, join(commandFolder(run.world, run.ref), "net"));
    const secrets = await secretsOf(run);
    const ending = await flows[run.ref.taskType]({
      ...run,
      subject: await subjectFacts(run),
      secrets,
      confinement: { ...confinement, gate },
      slot: await slotOf(run),
    });
    await tellRefused({ ...run, secrets, confinement: { ...confinement, gate } }, "a command of okstra's own");
    return ending;
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    if (suspending.has(thrown.failure.reason)) {
      if (thrown.failure.reason === "interrupted") throw interruptedAt(run);
      throw thrown;
    }
    return endingOf(thrown.failure);
  }
}

/** How often the run was started or taken up again. */
const starts = (run: OpenRun): number => run.journal.events.filter((event) => event.type === "run.started").length;

/** What the run's workers are told, with the clarifications as they stood when it started. */
async function subjectFacts(run: OpenRun): Promise<Run["subject"]> {
  const brief = (await run.world.host.files.readText(taskPaths(run.project.projectRoot, run.ref.key).brief)) ?? "";
  const clarifications = await fact(run, "clarifications-in", () =>
    withLock(run.world.host, taskLock(run.world.home, run.ref.key), "take answers in", async () => {
      await takeInAnswers(run.world, run.place, run.id);
      return take(await readClarifications(run.world.host, run.place));
    }),
  );
  return { ref: run.ref, task: run.task, manifest: run.manifest, brief, clarifications };
}

async function slotOf({ world, manifest }: OpenRun): Promise<number | null> {
  const { entries } = take(await readRegistry(world.host, world.home));
  const own = Object.values(entries).find(({ worktreePath }) => worktreePath === manifest.worktree.path);
  return own?.slot ?? null;
}

const interruptedAt = (run: OpenRun) =>
  fault(
    "interrupted",
    `${run.id} was stopped on request; nothing is lost`,
    `To go on: okstra resume ${shellWord(run.id)}`,
    {
      run: run.id,
    },
  );

/** The journal's first line names the manifest; one that was edited since is not executed. */
function requireUnchanged(run: OpenRun): void {
  const first = run.journal.events[0];
  const now = sha256(JSON.stringify(run.manifest));
  if (first?.type === "run.prepared" && first.data.manifestSha256 === now) return;
  throw fault(
    "run-changed",
    `The manifest of ${run.id} is not the one that was prepared`,
    `Restore ${run.paths.manifest} from a copy; or give the run up (okstra cancel ${shellWord(run.id)}) and start the phase again`,
    {
      run: run.id,
      path: run.paths.manifest,
    },
  );
}

/** How a failure ends a run (lifecycle.md, outcomes). */
function endingOf(failure: Failure): Ending {
  return {
    outcome: outcomeOf(failure),
    reason: failure.reason,
    verdict: null,
    message: failure.message,
    remedy: failure.remedy,
    report: null,
    ...askedAgain(failure),
  };
}

/** Who stops for a quota or budget names the dispatches that it kept from an answer. */
function askedAgain({ details }: Failure): Pick<Ending, "askAgain"> {
  const askAgain = details?.["askAgain"];
  return Array.isArray(askAgain) ? { askAgain: askAgain.filter((name) => typeof name === "string") } : {};
}

function outcomeOf(failure: Failure): Outcome {
  if (failure.reason === "no-work") return "no-work";
  if (failure.reason === "budget-exceeded") return "budget-exceeded";
  if (failure.reason === "quota-paused") return "quota-paused";
  const code = exitCodeOf(failure);
  if (code === 3) return "blocked";
  return code === 6 ? "contract-violation" : "failed";
}
