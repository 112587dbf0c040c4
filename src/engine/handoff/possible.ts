/**
 * Whether work can be handed over as a person chose, as far as that is known before a run of it is made: a run that could only fail
 * would stand in the task's records for nothing.
 */
import type { HandoffChoice, TaskManifest, WorktreeRef } from "../../lifecycle/task.schema.ts";
import { requireAccepted } from "../accepted.ts";
import type { ProjectPlace, TaskKey, World } from "../world.ts";
import { requireBaseCommit } from "./base.ts";
import { targetOf } from "./remote.ts";
import { requireVerifiedGroup } from "./stage-group.ts";
import { templateOf } from "./template.ts";

type Wanted = { readonly key: TaskKey; readonly manifest: TaskManifest; readonly choice: HandoffChoice };

/** The hand-off gate: of the whole task, or of the stages that were named. */
export async function requireHandable(world: World, project: ProjectPlace, of: Wanted): Promise<void> {
  const { key, manifest, choice } = of;
  if (choice.stages === undefined) await requireAccepted(world, project, { key, manifest });
  else await requireVerifiedGroup(world, project, { key, manifest, stages: choice.stages });
}

/** The gate, then base, template and remote: each is looked at by the run again, since all may change. */
export async function requirePossibleHandoff(
  world: World,
  project: ProjectPlace,
  of: Wanted & { readonly worktree: WorktreeRef },
): Promise<void> {
  await requireHandable(world, project, of);
  const { choice } = of;
  const { path: tree, branch, baseRef } = of.worktree;
  if (choice.action === "commit-pr") {
    await templateOf(world, project, choice);
    await targetOf(world, { tree, baseRef, branch: branchOf(choice, branch ?? "", 0) }, choice);
  }
  await requireBaseCommit(world.host.git, tree, baseOf(choice, baseRef));
}

/** What the work is to be merged into. */
export const baseOf = ({ base }: HandoffChoice, baseRef: string | null): string => base ?? baseRef ?? "HEAD";

/** The branch that is handed over. */
export const branchOf = ({ stages }: HandoffChoice, taskBranch: string, seq: number): string =>
  stages === undefined ? `${taskBranch}-handoff` : `${taskBranch}-g${seq}`;
