/**
 * Prepare: the only way into a run (lifecycle.md, Prepare). Checks everything that can be checked before it makes anything;
 * what it made is taken back when a later part fails; what a kill left is undone by the next prepare.
 */
import { join } from "node:path";
import { temporaryFileName } from "../../host/index.ts";
import { homePaths, type Profile, profiles } from "../../lifecycle/index.ts";
import type { Clarification, RunManifest, RunSummary, TaskManifest } from "../../lifecycle/task.schema.ts";
import { fault, shellWord, take } from "../../model/index.ts";
import { openHome, readClarifications, taskLock, withLock } from "../../registry/index.ts";
import { answerFromFile } from "../answer-file.ts";
import { type Confinement, confinementFor } from "../confinement.ts";
import { enterFixCycle } from "../fix-cycle.ts";
import { openCycleOf, settleFixCycles } from "../fix-cycles.ts";
import { sayingHow } from "../goes-on.ts";
import { requireHandable, requirePossibleHandoff } from "../handoff/possible.ts";
import { commandGate } from "../network.ts";
import { openProject } from "../project.ts";
import { refuseAgents } from "../refuse-agents.ts";
import { settleTask } from "../settle.ts";
import { requireEveryStageMerged, requireStageDone } from "../stage-states.ts";
import { takeInAnswers } from "../take-in.ts";
import { sayingWhatPruneFrees } from "../trees/freeable.ts";
import { type ProjectPlace, placeOf, type World } from "../world.ts";
import { type ApprovedPlan, besideNewer, requireApprovedPlan } from "./approved-plan.ts";
import { forTask } from "./for-task.ts";
import { requireRepository } from "./in-folder.ts";
import { holdMerge } from "./merge-tree.ts";
import { recoverPending } from "./recover.ts";
import type { RunRequest } from "./request.ts";
import { resolveRoster } from "./roster.ts";
import { holdStage, nextSequence, type StageHold } from "./stage-tree.ts";
import { type OpenTask, openTask } from "./task.ts";
import { provisionTaskTree, requireTaskTree, type TaskTree, waiting } from "./task-tree.ts";
import { Undo } from "./undo.ts";
import { type RunFacts, type WrittenRun, writeProjections, writeRun } from "./write-run.ts";

export type Prepared = {
  readonly project: ProjectPlace;
  readonly manifest: RunManifest;
  readonly summary: RunSummary;
  readonly prompts: readonly string[];
};

export const prepareRun = (world: World, request: RunRequest): Promise<Prepared> =>
  sayingWhatPruneFrees(world, request.cwd, () => prepareNow(world, request));

async function prepareNow(world: World, request: RunRequest): Promise<Prepared> {
  requirePossible(request);
  if (request.handoff !== null) await refuseAgents(world, "okstra handoff");
  take(await openHome(world.host, world.home));
  const project = await openProject(world, request.cwd, request.key);
  await settleTask(world, project, request.key);
  await using tx = new Undo();
  await enterFixCycle(world, project, request, tx);
  if (request.clarificationResponse !== null)
    await answerFromFile(world, { cwd: request.cwd, key: request.key, file: request.clarificationResponse });
  const profile = profileOf(request);
  const task = await openTask(world, project, request, profile);
  const roster = await resolveRoster(world, forTask(project, task.manifest), request, profile);
  const confinement = await confinementOfSetup(world, project, request);
  const place = placeOf(world, project.projectRoot, request.key);
  refuseOpenClarifications(task.manifest, take(await readClarifications(world.host, place)));
  if (profile.needsApprovedPlan) await requireApprovedPlan(world, project.projectRoot, task.manifest, request.key);

  const nonce = world.host.random.id(16);
  await using gate = await commandGate(world, confinement, gateFolder(world, nonce));
  const { manifest } = task;
  const tree = await provisionTaskTree(
    world,
    project,
    { manifest, key: request.key, taskType: request.taskType, baseRef: request.baseRef, nonce },
    tx,
  );
  if (request.handoff !== null)
    await requirePossibleHandoff(world, project, {
      ...{ key: request.key, manifest, choice: request.handoff, worktree: tree.ref },
    });
  const hold =
    profile.workplace === "stage-tree"
      ? await heldFor(world, project, { request, task, tree, nonce, confinement: { ...confinement, gate } }, tx)
      : null;
  const lock = taskLock(world.home, request.key);
  const written = await withLock(
    world.host,
    lock,
    `prepare ${request.taskType}`,
    async () => {
      await recoverPending(world, project, request.key);
      await requireTaskTree(world, request.key, tree);
      const facts = await factsOf(world, project, {
        request,
        task: await fresh(world, project, request, task),
        roster,
        tree,
        hold,
        nonce,
      });
      const run = await writeRun(world, project, facts, tx);
      await hold?.settle();
      await takeInAnswers(world, place, run.manifest.id);
      await settleFixCycles(world, place);
      tx.commit();
      // Under the same lock: what another run's end writes there must not fall between their reading and their writing.
      await sayingHow(run.manifest.id, () => writeProjections(world, project, run, facts.ref));
      return run;
    },
    waiting(world),
  );
  return { project, ...pick(written) };
}

/** There is no run yet that it could go with: it goes with this process, and what a kill leaves is swept. */
const gateFolder = ({ host, home }: World, nonce: string): string =>
  join(homePaths(home).fleeting, temporaryFileName("net", host.machine, nonce));

/**
 * Of the commands that set a worktree up. Where there are none, whether something confines here is found out by the run itself, unless
 * it is required: then it is found out before anything is made.
 */
async function confinementOfSetup(world: World, project: ProjectPlace, request: RunRequest): Promise<Confinement> {
  const asked = request.sandbox ?? project.settings.sandbox;
  const network = request.network ?? project.settings.network.mode;
  const { worktreeSetup, worktreeReady } = project.settings;
  const commands = worktreeSetup.length + (worktreeReady === null ? 0 : 1);
  if (asked !== "auto" || network !== "open" || commands > 0) return await confinementFor(world, project, request);
  const unsought = { asked, source: project.sourceOf("sandbox"), confiner: null, said: "none: not looked for" };
  return { ...unsought, network: { asked: network, source: "" }, allow: null, gate: null };
}

/** A run that merges what is built asks nobody but the agent that settles conflicts, if one was named. */
function profileOf({ taskType, integrate }: RunRequest): Profile {
  const profile = profiles[taskType];
  if (integrate === null) return profile;
  const analysers = { allowed: false, defaults: [], least: 0 };
  return { ...profile, roster: { analysers, executor: integrate.with !== null, writer: false, critic: false } };
}

type HoldAsk = {
  readonly request: RunRequest;
  readonly task: OpenTask;
  readonly tree: TaskTree;
  readonly nonce: string;
  readonly confinement: Confinement;
};

async function heldFor(world: World, project: ProjectPlace, of: HoldAsk, tx: Undo): Promise<StageHold> {
  const { request, task, tree, nonce, confinement } = of;
  const ask = stageAsk(request, task, tree, nonce);
  if (request.integrate === null) return await holdStage(world, project, { ...ask, confinement }, tx);
  if (typeof ask.wanted !== "number") throw new Error("a merge is asked for without its stage");
  const { wanted: stage, ...rest } = ask;
  return await holdMerge(world, project, { ...rest, confinement, stage, restart: request.integrate.restart }, tx);
}

/** What no task and no project could make possible. */
export function requirePossible(request: RunRequest): void {
  requireHandoffChoice(request);
  if (request.noProse && request.taskType === "implementation-planning") {
    throw fault(
      "usage",
      "A plan cannot be made with --no-prose: its stages are written by the report writer",
      "Leave out --no-prose for this phase",
      { taskType: request.taskType },
    );
  }
}

/** A hand-off does what a person chose and nothing by default. */
function requireHandoffChoice(request: RunRequest): void {
  if ((request.taskType === "release-handoff") === (request.handoff !== null)) return;
  throw fault(
    "usage",
    "A hand-off needs a choice of what to do",
    "Start it with okstra handoff TASK --action commit-only, or --action skip",
    { taskType: request.taskType },
  );
}

const pick = (run: WrittenRun): Omit<Prepared, "project"> => ({
  manifest: run.manifest,
  summary: run.summary,
  prompts: run.prompts,
});

type StageAsk = Omit<Parameters<typeof holdStage>[2], "confinement">;

function stageAsk(request: RunRequest, task: OpenTask, tree: TaskTree, nonce: string): StageAsk {
  return {
    manifest: task.manifest,
    key: request.key,
    wanted: request.stage ?? "auto",
    nonce,
    repository: requireRepository(tree, request.key),
    taskTree: tree.ref.path,
  };
}

/** The task manifest as it is now: another run may have been added since it was first read. */
async function fresh(world: World, project: ProjectPlace, request: RunRequest, task: OpenTask): Promise<OpenTask> {
  const now = await openTask(world, project, request, profileOf(request));
  return now.isNew ? task : now;
}

type Gathered = {
  request: RunRequest;
  task: OpenTask;
  roster: Awaited<ReturnType<typeof resolveRoster>>;
  tree: TaskTree;
  hold: StageHold | null;
  nonce: string;
};

async function factsOf(world: World, project: ProjectPlace, of: Gathered): Promise<RunFacts> {
  const { request, task, roster, tree, hold } = of;
  const profile = profiles[request.taskType];
  const plan = await planFor(world, project, of);
  if (request.handoff !== null)
    await requireHandable(world, project, { key: request.key, manifest: task.manifest, choice: request.handoff });
  const reviewed = hold === null && tree.repository !== null ? await world.host.git.head(tree.ref.path) : undefined;
  const verifies = plan !== null && profile.workplace === "throwaway";
  const verified = verifies
    ? await requireVerifiable(world, project, {
        ...{ key: request.key, manifest: task.manifest, plan, taskTree: tree.ref.path, stage: verifiedStage(request) },
      })
    : null;
  const besides = besideNewer(task.manifest, plan);
  for (const note of besides) world.say(`T${note.slice(1)}`);
  const seq = hold?.ref.seq ?? (await nextSequence(world, project.projectRoot, request.key, null, request.taskType));
  return {
    ref: hold?.ref ?? { key: request.key, taskType: request.taskType, stage: null, seq },
    profile,
    request,
    task: task.manifest,
    brief: task.brief,
    roster: roster.workers,
    notes: [...besides, ...roster.notes, ...tree.notes, ...(hold?.notes ?? [])],
    worktree: hold?.worktree ?? tree.ref,
    reviewedCommit: hold?.base ?? verified ?? reviewed?.commit ?? null,
    plan,
    stage: hold?.stage ?? null,
    scope: scopeOf(hold?.stage.stageNumber ?? verifiedStage(request), request.handoff?.stages),
    attempt: hold?.attempt ?? 1,
    nonce: of.nonce,
    clarifications: take(await readClarifications(world.host, placeOf(world, project.projectRoot, request.key))),
    fixCycle: await openCycleOf(world, project, task.manifest),
  };
}

/** The stage that a verification is of; null for one of the whole task, and for other phases. */
export const verifiedStage = ({ taskType, stage }: RunRequest): number | null =>
  taskType === "final-verification" && typeof stage === "number" ? stage : null;

export const scopeOf = (stage: number | null, group?: readonly number[]): string =>
  group !== undefined ? `stages-${group.join("-")}` : stage === null ? "task" : `stage-${stage}`;

type Verifiable = Parameters<typeof requireEveryStageMerged>[2] & { readonly stage: number | null };

/** The head of the stage that is to be verified; null for the whole task, whose stages must all be merged. */
export async function requireVerifiable(world: World, project: ProjectPlace, of: Verifiable): Promise<string | null> {
  const { stage } = of;
  if (stage !== null) return (await requireStageDone(world, project, { ...of, stage })).head_commit;
  await requireEveryStageMerged(world, project, of);
  return null;
}

async function planFor(world: World, project: ProjectPlace, of: Gathered): Promise<ApprovedPlan | null> {
  if (of.hold !== null) return of.hold.plan;
  if (!profiles[of.request.taskType].needsApprovedPlan) return null;
  return await requireApprovedPlan(world, project.projectRoot, of.task.manifest, of.request.key);
}

export function refuseOpenClarifications(task: TaskManifest, items: readonly Clarification[]): void {
  const open = items.filter((item) => item.blocks === "next-phase" && item.status === "open");
  if (open.length === 0) return;
  const first = open[0]?.id ?? "C-001";
  throw fault(
    "clarifications-open",
    `${task.key} has unanswered questions that block the next phase: ${open.map((item) => item.id).join(", ")}`,
    `Answer each: okstra answer ${shellWord(task.key)} ${first} "..."`,
    { open: open.map((item) => ({ id: item.id, question: item.question })) },
  );
}
