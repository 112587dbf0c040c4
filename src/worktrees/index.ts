/** Room worktrees: a tree per task and stage, made, filled, merged and taken back without ever losing work. */
import { door } from "../model/index.ts";
import * as add from "./add.ts";
import * as fill from "./fill.ts";
import * as integration from "./integrate.ts";
import * as listing from "./listing.ts";
import * as secrets from "./project-secrets.ts";
import * as repository from "./repository.ts";
import * as rescue from "./rescue.ts";
import * as stale from "./stale-locks.ts";
import * as throwaway from "./throwaway.ts";
import * as trash from "./trash.ts";
import * as undo from "./undo.ts";

export const findRepository = door(repository.findRepository);
export const addTree = door(add.addTree);
export const fillTree = door(fill.fillTree);
export const undoTree = door(undo.undoTree);
export const rescueTree = door(rescue.rescueTree);
export const removeStaleLocks = door(stale.removeStaleLocks);
export const openThrowaway = door(throwaway.openThrowaway);
export const cleanThrowaways = door(throwaway.cleanThrowaways);
export const integrate = door(integration.integrate);
export const listTrees = door(listing.listTrees);
export const projectSecrets = door(secrets.projectSecrets);
export const emptyTrash = door(trash.emptyTrash);

export type { AddAsk } from "./add.ts";
export type { FillAsk } from "./fill.ts";
export type { IntegrateAsk, Integration } from "./integrate.ts";
export type { ListedTree } from "./listing.ts";
export { type BranchAsk, otherBranch, planBranch } from "./names.ts";
export type { Provisioned } from "./provision.ts";
export type { Provision } from "./provision-look.ts";
export type { Confine } from "./setup.ts";
export { freeSlot, portBase, portsPerSlot, slotEnvironment } from "./slots.ts";
export type { Throwaway, ThrowawayAsk } from "./throwaway.ts";
export type { UndoAsk, Undone } from "./undo.ts";
