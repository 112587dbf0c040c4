/** Every path that okstra uses, computed from its few inputs. Pure: nothing here looks at the disk. */
import { dirname, join, posix } from "node:path";
import { type RunRef, sequence, type TaskKey, type TaskType } from "../model/index.ts";
import { segment, segmentsOf } from "./segment.ts";

/**
 * Says what it said before about the same name. A command asks hundreds of times for the paths of one project, home and task, and
 * to put them together takes longer than to read a small file.
 */
function remembered<Given extends readonly unknown[], Made extends object>(
  nameOf: (...given: Given) => string,
  make: (...given: Given) => Made,
): (...given: Given) => Readonly<Made> {
  const known = new Map<string, Readonly<Made>>();
  return (...given) => {
    const name = nameOf(...given);
    const before = known.get(name);
    if (before !== undefined) return before;
    const made = make(...given);
    // Who lists all tasks of a home asks for each once.
    if (known.size >= 100) known.clear();
    known.set(name, made);
    return made;
  };
}

/** What lies in a project's `.okstra`. */
export const projectPaths = remembered((projectRoot) => projectRoot, projectFolders);

function projectFolders(projectRoot: string) {
  const folder = join(projectRoot, ".okstra");
  return {
    folder,
    gitignore: join(folder, ".gitignore"),
    project: join(folder, "project.json"),
    catalog: join(folder, "discovery", "task-catalog.json"),
    latestTask: join(folder, "discovery", "latest-task.json"),
    tasks: join(folder, "tasks"),
    schedule: join(folder, "schedule"),
  };
}

/** What lies in okstra's home. */
export const homePaths = remembered((home) => home, homeFolders);

function homeFolders(home: string) {
  const locks = join(home, ".locks");
  return {
    folder: home,
    version: join(home, "version"),
    config: join(home, "config.json"),
    registry: join(home, "worktrees", "registry.json"),
    worktrees: join(home, "worktrees"),
    /** Trees renamed aside, waiting to be deleted. */
    trash: join(home, "worktrees", ".trash"),
    /** What a forced removal found and no commit can hold: ignored files, repositories inside the tree. */
    rescued: (key: TaskKey) => join(home, "rescued", ...keyFolders(key)),
    projects: join(home, "projects"),
    projectMeta: (projectId: string) => join(home, "projects", segment(projectId), "meta.json"),
    recent: join(home, "recent.jsonl"),
    active: join(home, "active.jsonl"),
    /** What detached commands say that are about no single run. */
    detachedLog: (name: string) => join(home, "detached", `${name}.log`),
    batches: join(home, "batches"),
    heads: join(home, "heads"),
    head: (run: RunRef) => join(home, "heads", ...keyFolders(run.key), `${runName(run)}.json`),
    /** What is known of the task's clarification items beside the project's own file. */
    clarifications: (key: TaskKey) => join(home, "heads", ...keyFolders(key), "clarifications.jsonl"),
    /** What is known of the task's fix cycles beside the project's own file. */
    fixCycles: (key: TaskKey) => join(home, "heads", ...keyFolders(key), "fix-cycles.jsonl"),
    /** Blocking items of the task that a person let pass. */
    overrides: (key: TaskKey) => join(home, "heads", ...keyFolders(key), "overrides.jsonl"),
    /** What the engine found of evidence at a commit, so that it need not look again. */
    evidence: join(home, "evidence"),
    evidenceAt: (commit: string) => join(home, "evidence", `${commit}.jsonl`),
    holdings: join(home, "holding"),
    holding: (run: RunRef) => join(home, "holding", ...keyFolders(run.key), runName(run)),
    /** What the set-up commands of a task's worktrees printed: `<tree>-<n>.log`. */
    setupLogs: (key: TaskKey) => join(home, "scratch", "setup-logs", ...keyFolders(key)),
    /** Temporary files of whatever works in the tree with this slot. */
    slot: (slot: number) => join(home, "scratch", `slot-${slot}`),
    /** What a command needs while it lasts, under temporary names that say whose it is. */
    fleeting: join(home, "scratch"),
    scratch: (run: RunRef) => join(home, "scratch", ...keyFolders(run.key), runName(run)),
    /** What dispatches reserved and used, by task and by UTC day. */
    budget: {
      task: (key: TaskKey) => `${join(home, "budget", "tasks", ...keyFolders(key))}.jsonl`,
      days: join(home, "budget", "days"),
      day: (date: string) => join(home, "budget", "days", `${date}.jsonl`),
    },
    locks: {
      folder: locks,
      budget: join(locks, "budget.lock"),
      home: join(locks, "home.lock"),
      registry: join(locks, "registry.lock"),
      project: (projectId: string) => join(locks, "project", `${segment(projectId)}.lock`),
      /** By a hash of the common git folder, since one repository may be registered twice. */
      repository: (commonDirHash: string) => join(locks, "repository", `${commonDirHash}.lock`),
      task: (key: TaskKey) => `${join(locks, "worktree-provision", ...keyFolders(key))}.lock`,
      /** Held by whoever makes the task's worktree, while it is filled. */
      tree: (key: TaskKey) => `${join(locks, "tree", ...keyFolders(key))}.lock`,
      ledger: (key: TaskKey) => `${join(locks, "ledger", ...keyFolders(key))}.lock`,
      run: (run: RunRef) => `${join(locks, "run", ...keyFolders(run.key), runName(run))}.lock`,
      /** Held by who waits for a place among the agents of this machine; `crowd`: `all`, or a vendor. */
      agentQueue: (crowd: string) => join(locks, "agents", segment(crowd), "queue.lock"),
      /** One for each agent at work. */
      agentPlaces: (crowd: string) => join(locks, "agents", segment(crowd)),
      agentPlace: (crowd: string, place: number) => join(locks, "agents", segment(crowd), `place-${place}.lock`),
    },
  };
}

/** Worktrees of a task: `task/`, `stage-<N>/`, merges being settled and throwaways side by side, no checkout inside another. */
export function worktreePaths(home: string, key: TaskKey) {
  const folder = join(home, "worktrees", ...keyFolders(key));
  return {
    folder,
    task: join(folder, "task"),
    stage: (stage: number) => join(folder, `stage-${stage}`),
    /** Where the merge of a stage is settled. */
    merge: (stage: number) => join(folder, `merge-stage-${stage}`),
    throwaways: join(folder, "throwaway"),
    throwaway: (name: string) => join(folder, "throwaway", name),
  };
}

/** What lies in a task's folder. */
export const taskPaths = remembered(
  (projectRoot, { project, group, task }: TaskKey) => [projectRoot, project, group, task].join("\0"),
  taskFolders,
);

function taskFolders(projectRoot: string, key: TaskKey) {
  const { group, task } = segmentsOf(key);
  const folder = join(projectPaths(projectRoot).tasks, group, task);
  const instructionSet = join(folder, "instruction-set");
  const runs = join(folder, "runs");
  const carryFolder = join(runs, "implementation", "carry");
  return {
    folder,
    manifest: join(folder, "task-manifest.json"),
    index: join(folder, "task-index.md"),
    clarifications: join(folder, "clarifications.jsonl"),
    instructionSet,
    brief: join(instructionSet, "brief.md"),
    packet: (taskType: TaskType, stage: number | null) =>
      join(instructionSet, `packet-${taskType}${stage === null ? "" : `-stage-${stage}`}.md`),
    timeline: join(folder, "history", "timeline.json"),
    fixCycles: join(folder, "history", "fix-cycles.jsonl"),
    qa: join(folder, "qa"),
    handoffInput: join(folder, "release-handoff-input.md"),
    runs,
    ledger: join(runs, "implementation-planning", "consumers.jsonl"),
    carryFolder,
    carry: (stage: number) => join(carryFolder, `stage-${stage}.json`),
    /** Relative to the task folder, as ledger rows name it. */
    carryRelative: (stage: number) => posix.join("runs", "implementation", "carry", `stage-${stage}.json`),
    oldCarries: (plan: string) => join(carryFolder, plan.slice(0, 8)),
  };
}

/** Where commands about a task write: all below the deep folders, and what lies in the flat ones themselves. */
export function writtenFolders(projectRoot: string, home: string, key: TaskKey): Record<"deep" | "flat", string[]> {
  const project = projectPaths(projectRoot);
  const own = homePaths(home);
  const folders = keyFolders(key);
  const trees = worktreePaths(home, key);
  return {
    deep: [
      taskPaths(projectRoot, key).folder,
      join(own.heads, ...folders),
      join(own.holdings, ...folders),
      own.setupLogs(key),
    ],
    flat: [
      project.folder,
      dirname(project.catalog),
      home,
      own.batches,
      own.fleeting,
      own.worktrees,
      trees.folder,
      trees.throwaways,
      dirname(own.projectMeta(key.project)),
    ],
  };
}

/** One dispatch's part in a file name. */
export type DispatchName = {
  readonly worker: string;
  readonly role: string;
  readonly round?: number;
  readonly attempt?: number;
};

/** What lies in the folder of a run; for implementation, that of its stage. */
export const runPaths = remembered(
  (projectRoot, { key: { project, group, task }, taskType, stage, seq }: RunRef) =>
    [projectRoot, project, group, task, taskType, stage, seq].join("\0"),
  runFiles,
);

function runFiles(projectRoot: string, run: RunRef) {
  const folder = runFolder(projectRoot, run.key, run.taskType, run.stage);
  const tail = `${run.taskType}-${sequence(run.seq)}`;
  const state = join(folder, "state");
  const reports = join(folder, "reports");
  const report = join(reports, `final-report-${tail}`);
  const of = (dispatch: DispatchName): string => {
    const round = dispatch.round === undefined ? "" : `-r${dispatch.round}`;
    const attempt = dispatch.attempt === undefined || dispatch.attempt === 1 ? "" : `-a${dispatch.attempt}`;
    return `${segment(dispatch.worker)}-${segment(dispatch.role)}${round}${attempt}-${tail}`;
  };
  return {
    folder,
    manifests: join(folder, "manifests"),
    manifest: join(folder, "manifests", `run-manifest-${tail}.json`),
    state,
    journal: join(state, `events-${sequence(run.seq)}.jsonl`),
    teamState: join(state, `team-state-${sequence(run.seq)}.json`),
    convergence: join(state, `convergence-${sequence(run.seq)}.json`),
    /** Of the task as the newest run of this folder knows it. */
    invariants: join(state, "invariants.json"),
    planBody: join(state, `plan-body-verification-${sequence(run.seq)}.json`),
    errors: join(state, `errors-${sequence(run.seq)}.jsonl`),
    usage: join(state, `usage-${sequence(run.seq)}.json`),
    /** Logs of commands that the engine ran. */
    log: (name: string) => join(state, `logs-${sequence(run.seq)}`, `${segment(name)}.log`),
    approvedPlan: join(state, `approved-plan-${sequence(run.seq)}.json`),
    prompts: join(folder, "prompts"),
    results: join(folder, "worker-results"),
    prompt: (dispatch: DispatchName) => join(folder, "prompts", `${of(dispatch)}.md`),
    stream: (dispatch: DispatchName) => join(folder, "prompts", `${of(dispatch)}.log`),
    /** What the agent's own session logs said; `n` counts from 1. */
    sessionLog: (dispatch: DispatchName, n: number) => join(folder, "prompts", `${of(dispatch)}.session-${n}.log`),
    result: (dispatch: DispatchName) => join(folder, "worker-results", `${of(dispatch)}.json`),
    resultMarkdown: (dispatch: DispatchName) => join(folder, "worker-results", `${of(dispatch)}.md`),
    audit: (dispatch: DispatchName) => join(folder, "worker-results", `${of(dispatch)}-audit.md`),
    dispatchErrors: (dispatch: DispatchName) => join(folder, "worker-results", `${of(dispatch)}-errors.json`),
    reports,
    reportData: `${report}.data.json`,
    reportMarkdown: `${report}.md`,
    reportHtml: `${report}.html`,
    approval: join(reports, `approval-${sequence(run.seq)}.json`),
    userResponse: join(folder, "user-responses", `user-response-${tail}.md`),
  };
}

/** The folder that all runs of a type (and stage) share. */
export function runFolder(projectRoot: string, key: TaskKey, taskType: TaskType, stage: number | null): string {
  const runs = join(taskPaths(projectRoot, key).runs, taskType);
  return taskType === "implementation" && stage !== null ? join(runs, `stage-${stage}`) : runs;
}

/** The sequence number in a run manifest's file name, or undefined when it is another file. */
export function sequenceOf(fileName: string, taskType: TaskType): number | undefined {
  const start = `run-manifest-${taskType}-`;
  if (!fileName.startsWith(start) || !fileName.endsWith(".json")) return undefined;
  const digits = fileName.slice(start.length, -".json".length);
  return /^\d{3,}$/.test(digits) ? Number(digits) : undefined;
}

const keyFolders = (key: TaskKey): [string, string, string] => {
  const { project, group, task } = segmentsOf(key);
  return [project, group, task];
};

const runName = (run: RunRef): string =>
  `${run.taskType}${run.stage === null ? "" : `.stage-${run.stage}`}-${sequence(run.seq)}`;

export type TaskPaths = ReturnType<typeof taskPaths>;
export type RunPaths = ReturnType<typeof runPaths>;
export type HomePaths = ReturnType<typeof homePaths>;
