/** Doors: reading settings. */
import { doorSync } from "../model/index.ts";
import * as layers from "./layers.ts";
import * as files from "./parse.ts";

export const parseProject = doorSync(files.parseProject);
export const parseConfig = doorSync(files.parseConfig);
export const resolveSettings = doorSync(layers.resolveSettings);
