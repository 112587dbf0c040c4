/**
 * `okstra reconcile`: brings the records of a task back to what is true of it. Settles what killed processes left, refills the ledger,
 * corrects commits that a rebase made stale, takes in carries on a person's word, and names what is left to a person.
 */
import { printKey, shellWord, type TaskKey, take } from "../../model/index.ts";
import { type FoundProject, findProject, readLedger, runLock, taskLock, withLock } from "../../registry/index.ts";
import { locate } from "../locate.ts";
import { waiting } from "../prepare/task-tree.ts";
import { refuseAgents } from "../refuse-agents.ts";
import { requireTask } from "../require-task.ts";
import { checkSettings } from "../settings-files.ts";
import { settleTask } from "../settle.ts";
import { placeOf, type World } from "../world.ts";
import { type AcceptedCarry, acceptCarry } from "./accept-carry.ts";
import { refillLedger } from "./refill.ts";
import { correctStale, type StaleCommit } from "./stale.ts";
import { hasEnded, type TaskFacts, taskFacts, tasksOnDisk, wasStarted } from "./task-facts.ts";

export type ReconcileAsk = {
  readonly cwd: string;
  /** Null: every task of the project around `cwd`. */
  readonly key: TaskKey | null;
  /** Stages whose carry of other origin counts because the person who asks says so. */
  readonly accept: readonly number[];
};

export type Reconciled = {
  readonly key: string;
  /** Runs that a killed prepare had begun and that never came to be. */
  readonly undone: readonly string[];
  /** Runs that had ended and whose record was not written. */
  readonly recorded: readonly string[];
  /** Ledger rows that were lost and are there again. */
  readonly rows: readonly { readonly stage: number; readonly status: string; readonly run: string }[];
  readonly corrected: readonly StaleCommit[];
  readonly accepted: readonly AcceptedCarry[];
  /** What a person has to look at. */
  readonly left: readonly { readonly what: string; readonly why: string; readonly remedy: string }[];
};

/** Throws what acceptCarry throws, `agent-may-not-decide` when an agent asks for that, `not-a-task`, `not-a-project`. */
export async function reconcile(world: World, ask: ReconcileAsk): Promise<readonly Reconciled[]> {
  if (ask.accept.length > 0) await refuseAgents(world, "okstra reconcile --accept-carry");
  const project = await locate(world, ask.cwd, ask.key);
  if (ask.key !== null) await requireTask(world, project.projectRoot, ask.key);
  const all = take(await findProject(world.host, world.home, ask.cwd)) ?? project;
  const keys = ask.key === null ? await tasksOnDisk(world, all) : [ask.key];
  const done: Reconciled[] = [];
  for (const key of keys) done.push(await reconcileTask(world, project, { key, accept: ask.accept }));
  return done;
}

type One = { readonly key: TaskKey; readonly accept: readonly number[] };

async function reconcileTask(world: World, found: FoundProject, { key, accept }: One): Promise<Reconciled> {
  const project = await checkSettings(world, found.projectRoot);
  const { undone, recorded } = await settleTask(world, project, key);
  const mend = async (): Promise<Reconciled> => {
    take(await readLedger(world.host, placeOf(world, project.projectRoot, key)));
    const facts = await taskFacts(world, project, key);
    const rows = await refillLedger(world, facts);
    const stale = await correctStale(world, facts);
    const accepted: AcceptedCarry[] = [];
    for (const stage of accept) accepted.push(await acceptCarry(world, project, { key, stage }));
    return {
      key: printKey(facts.key),
      undone,
      recorded,
      rows: rows.map(({ stage, status, run }) => ({ stage, status, run })),
      corrected: stale.filter(({ to }) => to !== null),
      accepted,
      left: [...stale.flatMap((one) => leftStale(facts, one)), ...(await deadRuns(world, facts))],
    };
  };
  return await withLock(world.host, taskLock(world.home, key), "reconcile", mend, waiting(world));
}

function leftStale(facts: TaskFacts, { what, stage, from, to, why }: StaleCommit): Reconciled["left"] {
  if (to !== null) return [];
  const named =
    what === "stage" ? `stage ${stage}` : what === "anchor" ? "the base of the plan's stages" : "the task's base";
  const tree = `okstra worktree path ${shellWord(printKey(facts.key))}`;
  return [
    {
      what: `${named} is recorded at ${from.slice(0, 12)}, which its branch no longer holds`,
      why,
      remedy: `Bring the commit back with git merge or git cherry-pick in the task's worktree (${tree}), then reconcile again`,
    },
  ];
}

/** Runs that were started and have not ended, and that no process executes. */
async function deadRuns(world: World, facts: TaskFacts): Promise<Reconciled["left"]> {
  const dead: Reconciled["left"][number][] = [];
  for (const run of facts.runs) {
    if (hasEnded(run) !== false || !wasStarted(run)) continue;
    if ((await world.host.locks.owner(runLock(world.home, run.ref))) !== undefined) continue;
    const word = shellWord(run.id);
    dead.push({
      what: `${run.id} was started and has not ended`,
      why: "no process executes it",
      remedy: `Go on with okstra resume ${word}, or end it: okstra cancel ${word}`,
    });
  }
  return dead;
}
