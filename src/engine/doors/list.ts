/** Doors: what can be read without any task. */
import { door } from "../../model/index.ts";
import { listTasks as listed } from "../list-tasks.ts";
import { locate } from "../locate.ts";
import type { World } from "../world.ts";

export const listTasks = door(listed);
/** The project around a folder. */
export const projectHere = door((world: World, cwd: string) => locate(world, cwd, null));
