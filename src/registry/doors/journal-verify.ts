/** Doors: whether a journal is whole. */
import { door } from "../../model/index.ts";
import * as inner from "../journal-verify.ts";

export const verifyJournal = door(inner.verifyJournal);
