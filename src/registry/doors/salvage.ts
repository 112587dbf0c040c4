/** Doors: a registry that was lost or broken. */
import { door } from "../../model/index.ts";
import * as inner from "../salvage.ts";

export const examineRegistry = door(inner.examineRegistry);
export const addLostEntries = door(inner.addLostEntries);
