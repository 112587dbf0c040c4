/**
 * Room registry: the truth that processes share. Registry, ledger, carry, journal, clarifications, manifests, run index. What each
 * function does, needs and throws stands at the one of the same name in its file. This file only hands on, so that a command
 * loads what it uses.
 */
export type { BackfillAsk } from "./backfill.ts";
export type { WrittenCarry } from "./carry.ts";
export type { CarryForm, SeenCarry } from "./carry-forms.ts";
export { nextClarificationId } from "./clarifications.ts";
export { backfillLedger, missingDoneRows } from "./doors/backfill.ts";
export { listCarries, readCarry, setOldCarriesAside, setUnprovenAside, writeCarry } from "./doors/carry.ts";
export { readCatalog, readLatestTask, rebuildCatalog, updateCatalog, writeLatestTask } from "./doors/catalog.ts";
export {
  editedClarifications,
  readClarifications,
  restoreClarifications,
  writeClarification,
} from "./doors/clarifications.ts";
export { changeRegistry, proveHolder, readRegistry } from "./doors/entries.ts";
export { editedFixCycles, readFixCycles, restoreFixCycles, writeFixCycle } from "./doors/fix-cycles.ts";
export { readHead, saveApprovalHead } from "./doors/heads.ts";
export { openHome, readHomeVersion } from "./doors/home.ts";
export { createJournal, openJournal, readJournal } from "./doors/journal.ts";
export { verifyJournal } from "./doors/journal-verify.ts";
export { appendLedger, examineLedger, mendLedger, readLedger } from "./doors/ledger.ts";
export { readRunManifest, readTimeline, writeRunManifest, writeTimeline } from "./doors/manifests.ts";
export { readOverrides, writeOverride } from "./doors/overrides.ts";
export { findProject, projectIdAt, projectRootOf, registerProject } from "./doors/projects.ts";
export { appendIndex, readActive, readIndex, rebuildIndex } from "./doors/run-index.ts";
export { addLostEntries, examineRegistry } from "./doors/salvage.ts";
export { readTaskManifest, writeTaskManifest } from "./doors/task-manifest.ts";
export {
  entryKey,
  type Hold,
  type HolderState,
  holderAlive,
  holderState,
  mergeEntryKey,
  occupied,
  withHold,
} from "./entries.ts";
export { type FixCycle, newestCycle, presentCycle } from "./fix-cycles.ts";
export type { JournalHead } from "./heads.ts";
export type { Journal } from "./journal.ts";
export type { JournalProblem } from "./journal-verify.ts";
export { stageStates } from "./ledger.ts";
export * from "./lock-names.ts";
export type { TaskPlace } from "./place.ts";
export type { FoundProject } from "./projects.ts";
export type { Rebuilt } from "./rebuild-index.ts";
export { repositoryLock } from "./repository-lock.ts";
export type { AddedEntries, RegistrySeen } from "./salvage.ts";
