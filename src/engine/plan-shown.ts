/** The newest plan of a task as a person reads it before approving it. */
import { contentHash } from "../lifecycle/index.ts";
import { printRun } from "../model/index.ts";
import { newestPlan } from "./decide.ts";
import { locate } from "./locate.ts";
import { requireTask } from "./require-task.ts";
import type { TaskKey, World } from "./world.ts";

export type PlanShown = { readonly run: string; readonly content: string; readonly markdown: string };

/** Throws `plan-not-approved` when there is no plan, `plan-unreadable` when its files cannot be read. */
export async function planToApprove(world: World, cwd: string, key: TaskKey): Promise<PlanShown> {
  const project = await locate(world, cwd, key);
  const plan = await newestPlan(world, project, await requireTask(world, project.projectRoot, key));
  return { run: printRun(plan.ref), content: contentHash(plan.data), markdown: plan.markdown };
}
