/** The stages of a task's plan while some are still to be built; none when they cannot be read, which what follows will tell. */
import { taskStatus } from "../engine/index.ts";
import type { TaskKey } from "../model/index.ts";
import type { Context } from "./context.ts";
import type { KnownStage } from "./live/state.ts";

export async function stagesOf({ world, cwd }: Context, key: TaskKey): Promise<readonly KnownStage[]> {
  const status = await taskStatus(world, cwd, key);
  if (!status.ok) return [];
  const { task, interrupted } = status.value;
  if (task.stages.every(({ state }) => state === "done" || state === "verified")) return [];
  return task.stages.map((stage) => ({ ...stage, interrupted: stage.run !== null && interrupted.includes(stage.run) }));
}
