/** Door: registering a project. */
import { door } from "../../model/index.ts";
import * as inner from "../init.ts";

export const initProject = door(inner.initProject);
