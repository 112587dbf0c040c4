/** The tasks of a project, from its catalog. */
import type { CatalogEntry } from "../lifecycle/task.schema.ts";
import { take } from "../model/index.ts";
import { readCatalog } from "../registry/index.ts";
import { locate } from "./locate.ts";
import type { World } from "./world.ts";

/** Newest first. */
export async function listTasks(world: World, cwd: string): Promise<readonly CatalogEntry[]> {
  const project = await locate(world, cwd, null);
  const { tasks } = take(await readCatalog(world.host, project.projectRoot));
  return [...tasks].sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));
}
