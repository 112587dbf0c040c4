/** The project of a call with its settings. */
import type { TaskKey } from "../model/index.ts";
import { locate } from "./locate.ts";
import { checkSettings } from "./settings-files.ts";
import type { ProjectPlace, World } from "./world.ts";

/** As `locate` finds it; also throws what its settings files have wrong. */
export async function openProject(world: World, cwd: string, key: TaskKey | null): Promise<ProjectPlace> {
  return await checkSettings(world, (await locate(world, cwd, key)).projectRoot);
}
