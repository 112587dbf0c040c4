/** Doors: what can be read without judging a plan. */
import { door } from "../../model/index.ts";
import { findReport as found } from "../find-report.ts";
import { listTasks as listed } from "../list-tasks.ts";
import { openProject } from "../project.ts";
import { showRun as shown } from "../run-state.ts";
import type { World } from "../world.ts";

export const listTasks = door(listed);
export const findReport = door(found);
export const showRun = door(shown);
/** The project around a folder, with its settings. */
export const projectHere = door((world: World, cwd: string) => openProject(world, cwd, null));
