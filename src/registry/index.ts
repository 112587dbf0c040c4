/** Room registry: the truth that processes share. Registry, ledger, carry, journal, clarifications, manifests, run index. */
import { door } from "../model/index.ts";
import * as backfill from "./backfill.ts";
import * as carry from "./carry.ts";
import * as catalog from "./catalog.ts";
import * as clarifications from "./clarifications.ts";
import * as entries from "./entries.ts";
import * as heads from "./heads.ts";
import * as home from "./home.ts";
import * as journal from "./journal.ts";
import * as verify from "./journal-verify.ts";
import * as ledger from "./ledger.ts";
import * as manifests from "./manifests.ts";
import * as projects from "./projects.ts";
import * as runIndex from "./run-index.ts";

export type { BackfillAsk } from "./backfill.ts";
export type { WrittenCarry } from "./carry.ts";
export { nextClarificationId } from "./clarifications.ts";
export { entryKey, type Hold, type HolderState, holderAlive, holderState, occupied, withHold } from "./entries.ts";
export type { JournalHead } from "./heads.ts";
export type { Journal } from "./journal.ts";
export type { JournalProblem } from "./journal-verify.ts";
export { stageStates } from "./ledger.ts";
export * from "./lock-names.ts";
export type { TaskPlace } from "./place.ts";
export type { FoundProject } from "./projects.ts";

// What each does, needs and throws stands at the function of the same name in its file.
export const openHome = door(home.openHome);
export const readHomeVersion = door(home.readHomeVersion);

export const findProject = door(projects.findProject);
export const projectRootOf = door(projects.projectRootOf);
export const registerProject = door(projects.registerProject);

export const createJournal = door(journal.createJournal);
export const openJournal = door(journal.openJournal);
export const readJournal = door(journal.readJournal);
export const verifyJournal = door(verify.verifyJournal);
export const readHead = door(heads.readHead);
export const saveApprovalHead = door(heads.saveApprovalHead);

export const readRegistry = door(entries.readRegistry);
export const changeRegistry = door(entries.changeRegistry);
export const proveHolder = door(entries.proveHolder);

export const readLedger = door(ledger.readLedger);
export const appendLedger = door(ledger.appendLedger);
export const backfillLedger = door(backfill.backfillLedger);
export const readCarry = door(carry.readCarry);
export const writeCarry = door(carry.writeCarry);
export const setOldCarriesAside = door(carry.setOldCarriesAside);

export const readClarifications = door(clarifications.readClarifications);
export const writeClarification = door(clarifications.writeClarification);

export const readTaskManifest = door(manifests.readTaskManifest);
export const writeTaskManifest = door(manifests.writeTaskManifest);
export const readRunManifest = door(manifests.readRunManifest);
export const writeRunManifest = door(manifests.writeRunManifest);
export const readTimeline = door(manifests.readTimeline);
export const writeTimeline = door(manifests.writeTimeline);

export const readCatalog = door(catalog.readCatalog);
export const updateCatalog = door(catalog.updateCatalog);
export const readLatestTask = door(catalog.readLatestTask);
export const writeLatestTask = door(catalog.writeLatestTask);

export const appendIndex = door(runIndex.appendIndex);
export const readIndex = door(runIndex.readIndex);
export const readActive = door(runIndex.readActive);
