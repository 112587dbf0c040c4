/** Doors: what can be read without judging a plan. */
import { door } from "../../model/index.ts";
import { findReport as found } from "../find-report.ts";
import { showRun as shown } from "../run-state.ts";

export const findReport = door(found);
export const showRun = door(shown);
