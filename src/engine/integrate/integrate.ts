/** `okstra integrate`: merges what is built and not merged, stage by stage, each as a run of its own. */
import { knownAgents } from "../../agents/index.ts";
import type { RunSummary } from "../../lifecycle/task.schema.ts";
import { didYouMean, fault, type TaskKey, take } from "../../model/index.ts";
import { mergeEntryKey, readRegistry } from "../../registry/index.ts";
import { executeRun } from "../execute.ts";
import { tellingGates } from "../notify.ts";
import { requireApprovedPlan } from "../prepare/approved-plan.ts";
import { prepareRun } from "../prepare/index.ts";
import { plainRequest, type RunRequest } from "../prepare/request.ts";
import { openProject } from "../project.ts";
import { refuseAgents } from "../refuse-agents.ts";
import { requireTask } from "../require-task.ts";
import { settleTask } from "../settle.ts";
import { type StageRow, stageRows } from "../stage-states.ts";
import { taskTreeOf } from "../task-tree-of.ts";
import type { ProjectPlace, World } from "../world.ts";

export type IntegrateStagesAsk = {
  readonly cwd: string;
  readonly key: TaskKey;
  /** Null: every stage that is done and not merged, in the order of their dependencies. */
  readonly stage: number | null;
  /** The agent that settles what conflicts; null: a person does. */
  readonly with: string | null;
  readonly restart: boolean;
  readonly agents: string | null;
  readonly models: RunRequest["models"];
  readonly directive: string | null;
  readonly via: string;
};

/**
 * A stage whose merge is not settled stops those that depend on it and nothing else. No run where nothing is left to merge.
 * Throws what a person may not do (`agent-may-not-decide`) and what prepare throws.
 */
export const integrateStages = (world: World, ask: IntegrateStagesAsk): Promise<readonly RunSummary[]> =>
  tellingGates(world, ask, { body: () => each(world, ask), lastOf: (runs) => runs.at(-1) });

async function each(world: World, ask: IntegrateStagesAsk): Promise<readonly RunSummary[]> {
  await refuseAgents(world, "okstra integrate");
  const project = await openProject(world, ask.cwd, ask.key);
  requireKnown(project, ask);
  await settleTask(world, project, ask.key);
  if (ask.stage !== null) return [await one(world, project, ask, ask.stage)];
  const runs: RunSummary[] = [];
  const stuck = new Set<number>();
  for (const { stageNumber, dependsOn } of (await rowsOf(world, project, ask)).filter(
    ({ merged }) => merged === false,
  )) {
    const run = dependsOn.some((other) => stuck.has(other)) ? undefined : await one(world, project, ask, stageNumber);
    if (run !== undefined) runs.push(run);
    if (run?.verdict !== "merged") stuck.add(stageNumber);
  }
  return runs;
}

/** Also where nothing conflicts: a name that is wrong is told at once. */
function requireKnown({ settings }: ProjectPlace, { with: agent, agents }: IntegrateStagesAsk): void {
  const known = [...knownAgents(), ...Object.keys(settings.agents)];
  if (agent === null || agents !== null || known.includes(agent)) return;
  throw fault(
    "roster-violation",
    `No agent is called "${agent}"${didYouMean(agent, known)}`,
    `Name one of these with --with: ${known.join(", ")}`,
    { worker: agent, allowed: known },
  );
}

async function rowsOf(world: World, project: ProjectPlace, { key }: IntegrateStagesAsk): Promise<readonly StageRow[]> {
  const manifest = await requireTask(world, project.projectRoot, key);
  const plan = await requireApprovedPlan(world, project.projectRoot, manifest, key);
  return await stageRows(world, project, { key, manifest, plan });
}

async function one(world: World, project: ProjectPlace, ask: IntegrateStagesAsk, stage: number): Promise<RunSummary> {
  const agent = await needsAgent(world, project, ask, stage);
  const request: RunRequest = {
    ...plainRequest(ask.cwd, ask.key, "implementation"),
    stage,
    executor: agent ? ask.with : null,
    agents: ask.agents,
    models: ask.models,
    directive: ask.directive,
    integrate: { with: agent ? ask.with : null, restart: ask.restart },
    via: ask.via,
  };
  const { manifest, project: place } = await prepareRun(world, request);
  const { taskType, seq } = manifest;
  return await executeRun(world, place, { key: ask.key, taskType, stage, seq });
}

/** Nobody is put on the roster for a merge that does without. */
async function needsAgent(
  world: World,
  project: ProjectPlace,
  ask: IntegrateStagesAsk,
  stage: number,
): Promise<boolean> {
  if (ask.with === null) return false;
  const { git } = world.host;
  const begun = take(await readRegistry(world.host, world.home)).entries[mergeEntryKey(ask.key, stage)];
  const row = (await rowsOf(world, project, ask)).find((one) => one.stageNumber === stage);
  const { runs } = await requireTask(world, project.projectRoot, ask.key);
  const tree = taskTreeOf(world, { projectRoot: project.projectRoot, key: ask.key, runs });
  const head = (await git.head(begun !== undefined && !ask.restart ? begun.worktreePath : tree))?.commit;
  if (head === undefined || row?.merged !== false || row.headCommit === null) return false;
  return (
    !(await git.isAncestor(tree, row.headCommit, head)) && !(await git.probeMerge(tree, head, row.headCommit)).clean
  );
}
