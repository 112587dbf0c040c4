/** Room evidence: the engine's own look at what agents cite, change and claim. Effects only through the host. */
import { door } from "../model/index.ts";
import * as risks from "./change-risks.ts";
import * as evidence from "./check-evidence.ts";
import * as commands from "./commands.ts";
import * as guard from "./git-guard.ts";
import * as mechanical from "./mechanical.ts";
import * as moves from "./ref-moves.ts";
import * as restore from "./restore-tree.ts";
import * as searches from "./searches.ts";
import * as tdd from "./tdd.ts";
import * as trees from "./tree-state.ts";

export const checkEvidence = door(evidence.checkEvidence);
export const runSearch = door(searches.runSearch);
export const runCommand = door(commands.runCommand);
export const treeState = door(trees.treeState);
export const restoreTree = door(restore.restoreTree);
export const takeGuard = door(guard.takeGuard);
export const compareGuard = door(guard.compareGuard);
export const restoreGuard = door(guard.restoreGuard);
export const tddEvidence = door(tdd.tddEvidence);
export const changeRisks = door(risks.changeRisks);
export const judgeMoves = door(moves.judgeMoves);
export const mechanicalChecks = door(mechanical.mechanicalChecks);

export type { EvidenceContext } from "./check-evidence.ts";
export { type CommandAsk, logName } from "./commands.ts";
export type { GitGuard, GuardChange } from "./git-guard.ts";
export { type KeptVerdicts, keptVerdicts } from "./kept-verdicts.ts";
export type { Mechanical, MechanicalAsk } from "./mechanical.ts";
export type { MovesAsk, Strays } from "./ref-moves.ts";
export type { RestoreAsk, Restored } from "./restore-tree.ts";
export type { TddAsk } from "./tdd.ts";
export type { Weakening } from "./tests-weakened.ts";
export { compareTrees, type RefMove, refsMoved, type TreeState } from "./tree-state.ts";
