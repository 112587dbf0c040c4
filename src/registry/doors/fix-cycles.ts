/** Doors: the fix cycles of a task. */
import { door } from "../../model/index.ts";
import * as inner from "../fix-cycles.ts";

export const readFixCycles = door(inner.readFixCycles);
export const editedFixCycles = door(inner.editedFixCycles);
export const restoreFixCycles = door(inner.restoreFixCycles);
export const writeFixCycle = door(inner.writeFixCycle);
