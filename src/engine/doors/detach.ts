/** Doors: executing in a process of its own. */
import { door } from "../../model/index.ts";
import * as inner from "../detach.ts";

export const resumeDetached = door(inner.resumeDetached);
export const commandDetached = door(inner.commandDetached);
