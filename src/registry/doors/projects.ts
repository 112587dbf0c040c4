/** Doors: where projects are. */
import { door } from "../../model/index.ts";
import * as inner from "../projects.ts";

export const findProject = door(inner.findProject);
export const projectIdAt = door(inner.projectIdAt);
export const projectRootOf = door(inner.projectRootOf);
export const registerProject = door(inner.registerProject);
