/** Doors: journals. */
import { door } from "../../model/index.ts";
import * as inner from "../journal.ts";

export const createJournal = door(inner.createJournal);
export const openJournal = door(inner.openJournal);
export const readJournal = door(inner.readJournal);
