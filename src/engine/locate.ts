/** Finds the project of a call; what only reads needs no more. */
import { segment } from "../lifecycle/index.ts";
import { fault, printKey, type TaskKey, take } from "../model/index.ts";
import { type FoundProject, findProject, projectRootOf } from "../registry/index.ts";
import type { World } from "./world.ts";

/** The project that a key belongs to: the one around `cwd`, or the registered one that the key names. Throws `not-a-project`. */
export async function locate(world: World, cwd: string, key: TaskKey | null): Promise<FoundProject> {
  const here = take(await findProject(world.host, world.home, cwd));
  if (here !== undefined && (key === null || segment(here.projectId) === segment(key.project))) {
    return here;
  }
  if (key !== null) {
    const root = take(await projectRootOf(world.host, world.home, key.project));
    if (root !== undefined) return { projectId: key.project, projectRoot: root };
    throw fault(
      "not-a-project",
      `${printKey(key)}: no project "${key.project}" is registered${here === undefined ? "" : `; this folder is project "${here.projectId}"`}`,
      here === undefined
        ? "Run okstra init in the project's folder"
        : `Write the key as ${here.projectId}/${key.group}/${key.task}`,
      { project: key.project },
    );
  }
  throw fault(
    "not-a-project",
    `${cwd} is not in a project that okstra knows`,
    "Run okstra init in the project's folder",
    { cwd },
  );
}
