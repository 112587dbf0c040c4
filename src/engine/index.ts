/**
 * Room engine: everything a face may ask for. Each call gives a value or a failure; nothing here prints. This file only hands on:
 * what reads lies behind doors of its own, so that a command that looks does not load what runs.
 */
export type { Approved } from "./decide.ts";
export type { Detached } from "./detach.ts";
export {
  accept,
  answer,
  approve,
  closeFixCycle,
  openFixCycle,
  override,
  planToApprove,
  reject,
} from "./doors/decide.ts";
export { commandDetached, resumeDetached } from "./doors/detach.ts";
export { followRun } from "./doors/follow.ts";
export { listFollowUps, spawnFollowUps } from "./doors/follow-ups.ts";
export { initProject } from "./doors/init.ts";
export { inspectRun, yieldOf } from "./doors/inspect.ts";
export { listTasks, projectHere } from "./doors/list.ts";
export { findReport, showRun } from "./doors/look.ts";
export {
  bringBack,
  bringBranchBack,
  catalogEntryOf,
  dropEntry,
  entryNameOf,
  forgetTree,
  hasEnded,
  listRun,
  lostEntry,
  planRefill,
  projectAt,
  rebuildTaskCatalog,
  reconcile,
  recordTree,
  refillTask,
  settleTask,
  staleCommits,
  taskFacts,
  tasksOnDisk,
  wasStarted,
} from "./doors/mend.ts";
export { planRun } from "./doors/plan-run.ts";
export { prepare } from "./doors/prepare.ts";
export { reindex } from "./doors/reindex.ts";
export { readReport } from "./doors/report.ts";
export { rerun } from "./doors/rerun.ts";
export { findRuns } from "./doors/runs.ts";
export { settingsAround } from "./doors/settings.ts";
export { taskStatus } from "./doors/status.ts";
export { cancel, go, implementAll, integrateStages, planGo, resume, start } from "./doors/steer.ts";
export { pruneTrees, releaseStages, removeTrees } from "./doors/trees.ts";
export { listWorktrees, worktreePath } from "./doors/worktrees.ts";
export type { FoundRuns, RunsOf } from "./find-runs.ts";
export type { FollowAsk, Followed } from "./follow.ts";
export type { SpawnAsk, Spawned } from "./follow-ups.ts";
export { type GateStop, gateStop, pickStop } from "./gate-stop.ts";
export type { InitAsk, Initialised } from "./init.ts";
export type { Inspected } from "./inspect.ts";
export type { IntegrateStagesAsk } from "./integrate/integrate.ts";
export type { LeftBehind } from "./left-behind.ts";
export type { LostTree } from "./mend/lost-entries.ts";
export type { Reconciled } from "./mend/reconcile.ts";
export type { Refill } from "./mend/refill.ts";
export type { KnownRun, TaskFacts } from "./mend/task-facts.ts";
export type { PlanShown } from "./plan-shown.ts";
export type { Prepared } from "./prepare/index.ts";
export { type Network, plainRequest, type RunRequest, type Sandbox } from "./prepare/request.ts";
export type { TaskStatus } from "./queries.ts";
export { checkOfReport } from "./reports/read-report.ts";
export type { Rerun, RerunAsk } from "./rerun/rerun.ts";
export type { RunPlan } from "./run-plan.schema.ts";
export type { RunState } from "./run-state.ts";
export type { Gone, ImplementAsk } from "./steer.ts";
export type { Pruned, PrunedTree } from "./trees/prune.ts";
export type { ReleasedTree } from "./trees/release.ts";
export type { RemovedTree } from "./trees/remove.ts";
export type { ListedTree, WorktreePath, WorktreesAsk } from "./worktrees.ts";
export type { ProjectPlace, World } from "./world.ts";
export type { Yield } from "./yield.ts";
