/** Door: the settings that hold in a folder. */
import { door } from "../../model/index.ts";
import { openProject } from "../project.ts";
import type { World } from "../world.ts";

/** The project around a folder with its settings. */
export const settingsHere = door((world: World, cwd: string) => openProject(world, cwd, null));
