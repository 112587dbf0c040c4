/** Doors: rows that a killed run did not come to. */
import { door } from "../../model/index.ts";
import * as inner from "../backfill.ts";

export const backfillLedger = door(inner.backfillLedger);
export const missingDoneRows = door(inner.missingDoneRows);
