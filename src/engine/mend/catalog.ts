/** The task catalog as the manifests of the tasks have it: it is theirs to tell, the catalog only lists them. */
import type { CatalogEntry, TaskManifest } from "../../lifecycle/task.schema.ts";
import { take } from "../../model/index.ts";
import { type FoundProject, readTaskManifest, rebuildCatalog } from "../../registry/index.ts";
import { placeOf, type World } from "../world.ts";
import { tasksOnDisk } from "./task-facts.ts";

export function catalogEntryOf({ key, title, phase, runs, updatedAt }: TaskManifest): CatalogEntry {
  const newest = runs.at(-1);
  const outcome = newest === undefined || newest.outcome === "prepared" ? null : newest.outcome;
  return { key, title, phase, outcome, ...(newest === undefined ? { notStarted: true as const } : {}), updatedAt };
}

/** Lists every task whose manifest can be read; says how many. */
export async function rebuildTaskCatalog(world: World, project: FoundProject): Promise<string> {
  let count = 0;
  const entries = async (): Promise<CatalogEntry[]> => {
    const listed: CatalogEntry[] = [];
    for (const key of await tasksOnDisk(world, project)) {
      const manifest = await readTaskManifest(world.host, placeOf(world, project.projectRoot, key));
      if (manifest.ok && manifest.value !== undefined) listed.push(catalogEntryOf(manifest.value));
    }
    count = listed.length;
    return listed;
  };
  take(await rebuildCatalog(world.host, world.home, project, entries));
  return `rebuilt the catalog with ${count} task${count === 1 ? "" : "s"}`;
}
