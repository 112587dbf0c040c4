/** Writes what a prepared run consists of. The manifest comes last: a run exists when its manifest does. */
import { dirname } from "node:path";
import { homePaths, type Profile, projectPaths, runPaths, taskPaths } from "../../lifecycle/index.ts";
import type {
  Clarification,
  Invocation,
  RunManifest,
  RunSummary,
  TaskManifest,
  WorkerSpec,
  WorktreeRef,
} from "../../lifecycle/task.schema.ts";
import { printRun, type RunRef, take } from "../../model/index.ts";
import {
  appendIndex,
  createJournal,
  readTimeline,
  taskLock,
  updateCatalog,
  withLock,
  writeLatestTask,
  writeRunManifest,
  writeTaskManifest,
  writeTimeline,
} from "../../registry/index.ts";
import type { Stage } from "../../stages/stage-map.schema.ts";
import { initialPrompts } from "../prompts.ts";
import { summarise } from "../summary.ts";
import { nowOf, type ProjectPlace, placeOf, type World } from "../world.ts";
import type { ApprovedPlan } from "./approved-plan.ts";
import { unlist } from "./recover.ts";
import type { RunRequest } from "./request.ts";
import { sha256 } from "./task.ts";
import type { Undo } from "./undo.ts";

export type RunFacts = {
  readonly ref: RunRef;
  readonly profile: Profile;
  readonly request: RunRequest;
  readonly task: TaskManifest;
  readonly brief: string;
  readonly roster: readonly WorkerSpec[];
  readonly notes: readonly string[];
  readonly worktree: WorktreeRef;
  readonly reviewedCommit: string | null;
  readonly plan: ApprovedPlan | null;
  readonly stage: Stage | null;
  readonly scope: string;
  readonly attempt: number;
  readonly nonce: string;
  readonly clarifications: readonly Clarification[];
  /** Of the fix cycle that is open; null where none is. */
  readonly fixCycle: RunManifest["fixCycle"] | null;
};

export type WrittenRun = {
  readonly manifest: RunManifest;
  readonly prompts: readonly string[];
  readonly summary: RunSummary;
  readonly task: TaskManifest;
};

/** The caller holds the task lock. */
export async function writeRun(world: World, project: ProjectPlace, facts: RunFacts, tx: Undo): Promise<WrittenRun> {
  const { files } = world.host;
  const place = placeOf(world, project.projectRoot, facts.ref.key);
  const paths = runPaths(project.projectRoot, facts.ref);
  const manifest = manifestOf(world, facts);
  const manifestText = JSON.stringify(manifest);
  const head = homePaths(world.home).head(facts.ref);
  // Taken back last: folders that the steps below made and left empty.
  tx.onFailure(() => removeEmpty(world, project, facts.ref));
  for (const path of [paths.manifest, paths.journal, paths.approvedPlan, head])
    tx.onFailure(() => files.removeFile(path));
  const brief = taskPaths(project.projectRoot, facts.ref.key).brief;
  const briefBefore = await files.readText(brief);
  if (briefBefore !== facts.brief) {
    tx.onFailure(() => (briefBefore === undefined ? files.removeFile(brief) : files.replaceFile(brief, briefBefore)));
    await files.replaceFile(brief, facts.brief);
  }
  if (facts.plan !== null) await files.replaceFile(paths.approvedPlan, `${JSON.stringify(facts.plan, null, 2)}\n`);
  const subject = {
    ref: facts.ref,
    task: facts.task,
    manifest,
    brief: facts.brief,
    clarifications: facts.clarifications,
  };
  const prompts = await initialPrompts(world, project, {
    facts: subject,
    manifest,
    stage: facts.stage,
    plan: facts.plan,
  });
  for (const prompt of prompts) {
    tx.onFailure(() => files.removeFile(prompt.path));
    await files.replaceFile(prompt.path, prompt.text);
  }
  await files.removeFile(paths.journal);
  const journal = take(
    await createJournal(world.host, place, facts.ref, {
      type: "run.prepared",
      data: { run: manifest.id, invocation: { ...manifest.invocation }, manifestSha256: sha256(manifestText) },
    }),
  );
  const summary = summarise(project.projectRoot, manifest, journal.events, journal.head().sha256);
  const task = {
    ...facts.task,
    updatedAt: nowOf(world),
    phase: facts.ref.taskType,
    runs: [...facts.task.runs, summary],
  };
  take(await journal.saveHead());
  take(await writeRunManifest(world.host, place, facts.ref, manifest));
  const lock = taskLock(world.home, facts.ref.key);
  tx.onFailure(() => withLock(world.host, lock, "undo", () => unlist(world, place, manifest.id)));
  take(await writeTaskManifest(world.host, place, task));
  return { manifest, prompts: prompts.map((prompt) => prompt.path), summary, task };
}

/** From the run's folders up to that of all tasks, and those of its head in the home, as far as they are empty. */
async function removeEmpty(world: World, project: ProjectPlace, ref: RunRef): Promise<void> {
  const run = runPaths(project.projectRoot, ref);
  const task = taskPaths(project.projectRoot, ref.key);
  const stages = ref.stage === null ? [] : [dirname(run.folder)];
  const heads = dirname(homePaths(world.home).head(ref));
  const folders = [
    ...[run.prompts, run.state, run.manifests, run.folder, ...stages, task.runs],
    ...[task.instructionSet, task.folder, dirname(task.folder), projectPaths(project.projectRoot).tasks],
    ...[heads, dirname(heads), dirname(dirname(heads)), homePaths(world.home).heads],
  ];
  for (const folder of folders) await world.host.files.removeEmptyFolder(folder);
}

/** Projections: what people and read commands look at. Not the truth. The caller holds the task lock. */
export async function writeProjections(
  world: World,
  project: ProjectPlace,
  run: WrittenRun,
  ref: RunRef,
): Promise<void> {
  const place = placeOf(world, project.projectRoot, ref.key);
  const now = nowOf(world);
  const timeline = take(await readTimeline(world.host, place));
  const row = {
    run: run.manifest.id,
    preparedAt: run.manifest.createdAt,
    startedAt: null,
    endedAt: null,
    outcome: null,
  };
  take(
    await writeTimeline(world.host, place, {
      schemaVersion: 1,
      runs: [...timeline.runs.filter((one) => one.run !== row.run), row],
    }),
  );
  take(
    await updateCatalog(world.host, world.home, project, {
      key: run.task.key,
      title: run.task.title,
      phase: ref.taskType,
      outcome: null,
      updatedAt: now,
    }),
  );
  take(await writeLatestTask(world.host, project.projectRoot, { schemaVersion: 1, key: run.task.key, updatedAt: now }));
  take(
    await appendIndex(world.host, world.home, {
      schemaVersion: 1,
      run: run.manifest.id,
      taskKey: run.manifest.taskKey,
      taskType: ref.taskType,
      stage: ref.stage,
      seq: ref.seq,
      projectRoot: project.projectRoot,
      event: "prepared",
      outcome: null,
      time: now,
      invocation: { ...run.manifest.invocation },
      costUsd: null,
    }),
  );
}

function manifestOf(world: World, facts: RunFacts): RunManifest {
  return {
    schemaVersion: 1,
    id: printRun(facts.ref),
    taskKey: facts.task.key,
    taskType: facts.ref.taskType,
    stage: facts.ref.stage,
    scope: facts.scope,
    seq: facts.ref.seq,
    okstraVersion: world.okstraVersion,
    createdAt: nowOf(world),
    nonce: facts.nonce,
    roster: [...facts.roster],
    notes: [...facts.notes],
    worktree: facts.worktree,
    reviewedCommit: facts.reviewedCommit,
    briefSha256: facts.task.briefSha256,
    plan: facts.plan?.content ?? null,
    planRun: facts.plan?.run ?? null,
    cycle: facts.task.cycle,
    ...(facts.fixCycle == null ? {} : { fixCycle: facts.fixCycle }),
    attempt: facts.attempt,
    invocation: invocationOf(facts.request),
    artifacts: [],
  };
}

const invocationOf = (request: RunRequest): Invocation => ({
  taskType: request.taskType,
  stage: request.stage,
  baseRef: request.baseRef,
  brief: request.brief,
  title: request.title,
  category: request.category,
  branch: request.branch,
  workers: request.workers === null ? null : [...request.workers],
  executor: request.executor,
  agents: request.agents,
  ...(request.critic === null ? {} : { critic: request.critic }),
  directive: request.directive,
  maxRounds: request.maxRounds,
  allowSingle: request.allowSingle,
  ...(request.noProse ? { noProse: true as const } : {}),
  ...(request.fixCycle === null ? {} : { fixCycle: request.fixCycle }),
  models: { ...request.models },
  sandbox: request.sandbox,
  ...(request.network === null ? {} : { network: request.network }),
  handoff: request.handoff,
  ...(request.budget.usd === null && request.budget.tokens === null ? {} : { budget: { ...request.budget } }),
  ...(request.integrate === null ? {} : { integrate: request.integrate }),
  decidedVia: request.via,
});
