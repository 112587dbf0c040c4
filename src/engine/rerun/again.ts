/** What an earlier run was asked for, as a request for a new one. */
import type { RunRef } from "../../model/index.ts";
import type { FoundProject } from "../../registry/index.ts";
import { plainRequest, type RunRequest } from "../prepare/request.ts";
import { readManifest } from "../run-state.ts";
import type { World } from "../world.ts";

/**
 * The saved invocation. The brief is the one that the task has taken in, and what only a first run decides (title, base, branch)
 * stays as it was decided. A scenario is named by its whole path, since the caller stands elsewhere now.
 */
export async function requestAgain(world: World, project: FoundProject, run: RunRef): Promise<RunRequest> {
  const { invocation, roster } = await readManifest(world, project, run);
  const scripted = roster.find(({ agent }) => agent.startsWith("scripted:"))?.agent ?? null;
  return {
    ...plainRequest(project.projectRoot, run.key, run.taskType),
    stage: invocation.stage === "all" ? null : invocation.stage,
    workers: invocation.workers,
    executor: invocation.executor,
    agents: invocation.agents === null ? null : scripted,
    critic: invocation.critic ?? null,
    directive: invocation.directive,
    maxRounds: invocation.maxRounds,
    allowSingle: invocation.allowSingle,
    noProse: invocation.noProse === true,
    fixCycle: invocation.fixCycle ?? null,
    models: invocation.models,
    ...(invocation.budget === undefined ? {} : { budget: invocation.budget }),
    sandbox: invocation.sandbox ?? null,
    network: invocation.network ?? null,
    via: "rerun",
  };
}
