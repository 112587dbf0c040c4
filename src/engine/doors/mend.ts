/** Doors: what records say of each other, and how each is brought back (checks uses them for doctor and reconcile). */
import { door } from "../../model/index.ts";
import * as catalog from "../mend/catalog.ts";
import * as runs from "../mend/list-run.ts";
import * as entries from "../mend/lost-entries.ts";
import * as ledger from "../mend/refill.ts";
import * as facts from "../mend/task-facts.ts";
import * as trees from "../mend/trees.ts";
import * as project from "../settings-files.ts";
import * as settle from "../settle.ts";

export const settleTask = door(settle.settleTask);
export const projectAt = door(project.checkSettings);
export const taskFacts = door(facts.taskFacts);
export const tasksOnDisk = door(facts.tasksOnDisk);
export const lostEntry = door(entries.lostEntry);
export const planRefill = door(ledger.planRefill);
export const refillTask = door(ledger.refillTask);
export const listRun = door(runs.listRun);
export const rebuildTaskCatalog = door(catalog.rebuildTaskCatalog);
export const bringBack = door(trees.bringBack);
export const recordTree = door(trees.recordTree);
export const bringBranchBack = door(trees.bringBranchBack);
export const forgetTree = door(trees.forgetTree);
export const dropEntry = door(trees.dropEntry);
export { catalogEntryOf } from "../mend/catalog.ts";
export { entryNameOf } from "../mend/lost-entries.ts";
export { hasEnded, wasStarted } from "../mend/task-facts.ts";
