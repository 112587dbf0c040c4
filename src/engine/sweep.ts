/**
 * Removes temporary files and folders of killed processes. A write that is killed leaves the old file whole and, beside it, a new one
 * under a temporary name that nobody reads.
 */
import { join } from "node:path";
import { writerOf } from "../host/index.ts";
import { writtenFolders } from "../lifecycle/index.ts";
import type { ProjectPlace, TaskKey, World } from "./world.ts";

type Place = Pick<World, "host" | "home">;

/** Looks wherever commands about the task write. What a living process is writing stays. */
export async function sweep(world: Place, project: Pick<ProjectPlace, "projectRoot">, key: TaskKey): Promise<void> {
  const { deep, flat } = writtenFolders(project.projectRoot, world.home, key);
  for (const folder of flat) await sweepFolder(world, folder, false);
  for (const folder of deep) await sweepFolder(world, folder, true);
}

async function sweepFolder(world: Place, folder: string, deep: boolean): Promise<void> {
  const { files, processes } = world.host;
  for (const { name, kind } of await files.list(folder)) {
    const path = join(folder, name);
    const writer = writerOf(name);
    if (writer === undefined) {
      if (kind === "folder" && deep) await sweepFolder(world, path, deep);
    } else if (!processes.alive(writer)) {
      if (kind === "file") await files.removeFile(path);
      if (kind === "folder") await files.removeTree(path);
    }
  }
}
