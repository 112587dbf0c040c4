/** Doors: the task catalog. */
import { door } from "../../model/index.ts";
import * as inner from "../catalog.ts";

export const readCatalog = door(inner.readCatalog);
export const updateCatalog = door(inner.updateCatalog);
export const readLatestTask = door(inner.readLatestTask);
export const writeLatestTask = door(inner.writeLatestTask);
export const rebuildCatalog = door(inner.rebuildCatalog);
