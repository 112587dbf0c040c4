/** Doors: the stage ledger. */
import { door } from "../../model/index.ts";
import * as inner from "../ledger.ts";

export const readLedger = door(inner.readLedger);
export const appendLedger = door(inner.appendLedger);
export const examineLedger = door(inner.examineLedger);
export const mendLedger = door(inner.mendLedger);
