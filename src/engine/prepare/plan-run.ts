/**
 * A run as `prepare` would make it now, without making it: the same checks in the same order, the same choices, and not one effect.
 * Nothing is held, so what is said here may be taken by another the next moment.
 */
import { join } from "node:path";
import { driverFor, previewLaunch } from "../../agents/index.ts";
import { resultSchema } from "../../briefing/index.ts";
import { printPlace } from "../../confinement/index.ts";
import type { Repository } from "../../host/index.ts";
import { homePaths, type Profile, profiles, runFolder, worktreePaths } from "../../lifecycle/index.ts";
import type { TaskManifest, WorkerSpec, WorktreeRef } from "../../lifecycle/task.schema.ts";
import { fault, printRun, type RunRef, take } from "../../model/index.ts";
import { readClarifications } from "../../registry/index.ts";
import { findRepository, otherBranch, planBranch } from "../../worktrees/index.ts";
import { foreseen, limitsWith, mayOvershoot } from "../budget.ts";
import { authorship, childEnvironmentOf, slotVariables } from "../child-environment.ts";
import { type Confinement, confinementFor } from "../confinement.ts";
import { wantedFixCycle } from "../fix-cycle.ts";
import { requirePossibleHandoff } from "../handoff/possible.ts";
import { placesOf } from "../network.ts";
import { openProject } from "../project.ts";
import type { PlannedAgent, RunPlan } from "../run-plan.schema.ts";
import { sequencesIn } from "../sequences.ts";
import { executorScratch } from "../subject.ts";
import { type ProjectPlace, placeOf, type World } from "../world.ts";
import { type ApprovedPlan, besideNewer, requireApprovedPlan } from "./approved-plan.ts";
import { forTask } from "./for-task.ts";
import { inFolder, requireRepository } from "./in-folder.ts";
import { refuseOpenClarifications, requirePossible, requireVerifiable, scopeOf, verifiedStage } from "./index.ts";
import { provisionRules } from "./provision.ts";
import type { RunRequest } from "./request.ts";
import { placedOf, resolveRoster } from "./roster.ts";
import { baseOf, selectStage, stageBranch } from "./stage-tree.ts";
import { type OpenTask, openTask } from "./task.ts";
import { existing, requireBase, type TaskTree } from "./task-tree.ts";

/** Throws whatever `prepare` would throw now. */
export async function planRun(world: World, request: RunRequest): Promise<RunPlan> {
  requirePossible(request);
  const project = await openProject(world, request.cwd, request.key);
  const opens = await wantedFixCycle(world, project, request);
  const profile = profiles[request.taskType];
  const task = inCycle(await openTask(world, project, request, profile), opens);
  const asked = forTask(project, task.manifest);
  const roster = await resolveRoster(world, asked, request, profile);
  const confinement = await confinementFor(world, project, request);
  const place = placeOf(world, project.projectRoot, request.key);
  refuseOpenClarifications(task.manifest, take(await readClarifications(world.host, place)));
  const plan = profile.needsApprovedPlan
    ? await requireApprovedPlan(world, project.projectRoot, task.manifest, request.key)
    : null;
  const tree = await plannedTree(world, project, { request, task });
  if (request.handoff !== null)
    await requirePossibleHandoff(world, project, {
      ...{ key: request.key, manifest: task.manifest, choice: request.handoff, worktree: tree.ref },
    });
  const chosen = { request, profile, manifest: task.manifest, plan, tree };
  const stage = profile.workplace === "stage-tree" ? await plannedStage(world, project, chosen) : null;
  if (profile.workplace === "throwaway") await refuseUnverifiable(world, project, chosen);
  const number = stage?.number ?? null;
  const folder = runFolder(project.projectRoot, request.key, request.taskType, number);
  const seq = Math.max(0, ...(await sequencesIn(world, folder, request.taskType))) + 1;
  const ref: RunRef = { key: request.key, taskType: request.taskType, stage: number, seq };
  const worktree = stage?.worktree ?? tree.ref;
  return {
    schemaVersion: 1,
    dryRun: true,
    id: printRun(ref),
    ...aboutTask(task),
    taskType: ref.taskType,
    stage: number,
    scope: scopeOf(number ?? verifiedStage(request), request.handoff?.stages),
    seq,
    steps: [...profile.steps],
    worktree,
    plan: plan === null ? null : { run: plan.run, content: plan.content, cycle: plan.cycle },
    ...(await agentsAndBudget(world, project, {
      request,
      workers: roster.workers,
      slot: { ref, profile, worktree, confinement },
    })),
    ...limitsOf(asked, request, profile),
    sandbox: { asked: confinement.asked, source: confinement.source, confinedBy: confinement.said },
    network: { ...confinement.network, allow: [...project.settings.network.allow] },
    notes: [
      ...(opens === null ? [] : [`fix cycle ${opens} would be opened first`]),
      ...besideNewer(task.manifest, plan),
      ...roster.notes,
      ...tree.notes,
    ],
  };
}

/** As the task would be in the cycle that is to be opened. */
const inCycle = (task: OpenTask, opens: number | null): OpenTask =>
  opens === null ? task : { ...task, manifest: { ...task.manifest, cycle: opens } };

const aboutTask = ({ manifest, isNew }: OpenTask): Pick<RunPlan, "taskKey" | "title" | "newTask"> => ({
  taskKey: manifest.key,
  title: manifest.title,
  newTask: isNew,
});

type Limits = Pick<RunPlan, "provision" | "budget" | "rounds">;

function limitsOf(project: ProjectPlace, request: RunRequest, { convergence }: Profile): Limits {
  const { syncDirs, copyFiles, cloneDirs, setup, ready } = provisionRules(project);
  const { settings } = project;
  const rounds = request.maxRounds ?? settings.convergence.maxRounds ?? convergence.maxRounds;
  return {
    provision: {
      syncDirs: [...syncDirs],
      copyFiles: [...copyFiles],
      cloneDirs: [...cloneDirs],
      setup: [...setup, ...(typeof ready === "string" ? [ready] : [])],
    },
    budget: { ...limitsWith(settings.budgets, request.budget) },
    rounds: convergence.on && settings.convergence.enabled ? rounds : 0,
  };
}

async function plannedTree(
  world: World,
  project: ProjectPlace,
  { request, task }: { readonly request: RunRequest; readonly task: OpenTask },
): Promise<TaskTree> {
  const repository = take(await findRepository(world.host, project.projectRoot));
  if (repository === undefined || repository.linked)
    return await inFolder(world, project, {
      manifest: task.manifest,
      key: request.key,
      baseRef: request.baseRef,
      linked: repository,
    });
  const { taskType, baseRef } = request;
  const ask = { manifest: task.manifest, key: request.key, taskType, baseRef };
  const reused = await existing(world, ask);
  if (reused !== undefined) return { repository, ref: reused, notes: reused.note === "" ? [] : [reused.note] };
  const base = await requireBase(world, repository, ask);
  const { branchPrefix: prefix, branch: named } = task.manifest;
  const branch = planBranch({ key: request.key, prefix, chosen: named, stage: null, planNumber: 1 });
  const path = worktreePaths(world.home, request.key).task;
  await refuseTaken(world, repository, { branch, path, other: otherBranch(request.key, prefix) });
  return { repository, ref: { status: "created", path, branch, ...base, note: "" }, notes: [] };
}

async function refuseTaken(
  world: World,
  repository: Repository,
  { branch, path, other }: { readonly branch: string; readonly path: string; readonly other: string },
): Promise<void> {
  if ((await world.host.git.resolve(repository.mainRoot, `refs/heads/${branch}`)) !== undefined)
    throw fault("branch-taken", `The branch ${branch} is there already`, `Choose another: --branch ${other}`, {
      branch,
    });
  if ((await world.host.files.look(path)) !== undefined)
    throw fault("path-taken", `${path} is there and is not registered`, "Move it away, then run the command again", {
      path,
    });
}

type Chosen = {
  readonly request: RunRequest;
  readonly profile: Profile;
  readonly manifest: TaskManifest;
  readonly plan: ApprovedPlan | null;
  readonly tree: TaskTree;
};

async function plannedStage(
  world: World,
  project: ProjectPlace,
  { request, manifest, plan, tree }: Chosen,
): Promise<{ readonly number: number; readonly worktree: WorktreeRef }> {
  const { key } = request;
  const repository = requireRepository(tree, key);
  if (plan === null) throw new Error(`${manifest.key}: a stage without a plan`);
  const { stage, states } = await selectStage(world, project, { manifest, key, wanted: request.stage ?? "auto", plan });
  const ask = { manifest, key, repository, taskTree: tree.ref.path };
  const baseCommit = await baseOf(world, { projectRoot: project.projectRoot, ask, plan, stage, states });
  const number = stage.stageNumber;
  const path = worktreePaths(world.home, key).stage(number);
  const branch = stageBranch({ manifest, key }, plan, number);
  return { number, worktree: { status: "created", path, branch, baseRef: manifest.key, baseCommit, note: "" } };
}

async function refuseUnverifiable(
  world: World,
  project: ProjectPlace,
  { request, manifest, plan, tree }: Chosen,
): Promise<void> {
  if (plan === null) return;
  const of = { key: request.key, manifest, plan, taskTree: tree.ref.path };
  await requireVerifiable(world, project, { ...of, stage: verifiedStage(request) });
}

type Foreseen = {
  readonly request: RunRequest;
  readonly workers: readonly WorkerSpec[];
  readonly slot: Omit<Slot, "spec" | "bounded">;
};

async function agentsAndBudget(
  world: World,
  project: ProjectPlace,
  { request, workers, slot }: Foreseen,
): Promise<Pick<RunPlan, "agents" | "budgetNow">> {
  const limits = limitsWith(project.settings.budgets, request.budget);
  const agents: PlannedAgent[] = [];
  let budgetNow: RunPlan["budgetNow"] = [];
  for (const spec of workers) {
    const { standings, projection } = await foreseen(world, project, { key: request.key, spec, limits });
    budgetNow = [...standings];
    const bounded = standings.some(({ unit }) => unit === "usd") && projection.usd !== null;
    agents.push({ ...(await plannedAgent(world, project, { ...slot, spec, bounded })), projection });
  }
  return { agents, budgetNow };
}

const purposes = {
  analyser: "blind",
  critic: "blind",
  executor: "execute",
  verifier: "verify",
  "report-writer": "write",
  assistant: "write",
} as const satisfies Record<WorkerSpec["role"], string>;

type Slot = {
  readonly spec: WorkerSpec;
  /** Whether money that may be spent is limited. */
  readonly bounded: boolean;
  readonly ref: RunRef;
  readonly profile: Profile;
  readonly worktree: WorktreeRef;
  readonly confinement: Confinement;
};

async function plannedAgent(
  world: World,
  project: ProjectPlace,
  { spec, bounded, ref, profile, worktree, confinement }: Slot,
): Promise<Omit<PlannedAgent, "projection">> {
  const { agent, config } = placedOf(project, spec);
  const access = spec.role === "executor" ? "workspace-write" : "read-only";
  const aside = profile.workplace === "throwaway" || spec.role === "verifier";
  const cwd = aside ? worktreePaths(world.home, ref.key).throwaways : worktree.path;
  const own = join(homePaths(world.home).scratch(ref), `${spec.worker}-${spec.role}`);
  const purpose = purposes[spec.role];
  const writes = access === "workspace-write";
  const identity = writes ? authorship({ name: "", email: "" }) : {};
  const ports = worktree.status === "created" || worktree.status === "reused" ? slotVariables({ slot: 0 }) : {};
  const extraWritable = writes ? [executorScratch(world, ref)] : [];
  const driver = take(driverFor(agent));
  const asked = { ...config, env: { ...ports, ...identity, ...childEnvironmentOf({ world }, config.env ?? {}) } };
  const places = placesOf(world, confinement, { driver, config: asked });
  const { command, environment } = await previewLaunch(world.host, {
    driver,
    config: asked,
    address: {
      worker: spec.worker,
      role: spec.role,
      purpose,
      taskType: ref.taskType,
      stage: ref.stage,
      round: null,
      attempt: 1,
    },
    cwd,
    access,
    extraWritable,
    model: spec.model,
    schema: take(await resultSchema(world.host, world.host.machine.packageRoot, { taskType: ref.taskType, purpose })),
    bounded,
    home: join(own, "home"),
    temporaryFolder: join(own, "tmp"),
    scratch: join(own, "scratch"),
    confined: confinement.confiner !== null,
  });
  const { readOnly, writing } = driver.abilities;
  return {
    ...spec,
    purpose,
    access,
    mayWrite: writes ? [cwd, ...extraWritable, "<git folders>"] : [],
    keptBy: [
      ...(confinement.confiner === null ? [] : [confinement.said]),
      ...(places === null ? [] : [`may reach ${places.map(printPlace).join(", ")}`]),
      writes ? writing : readOnly,
    ],
    cwd,
    mayOvershoot: mayOvershoot(driver),
    command: [...command],
    environment: [...environment],
  };
}
