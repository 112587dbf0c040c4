/** Doors: what only a person decides. */
import { door } from "../../model/index.ts";
import { accept as acceptRisks } from "../accept.ts";
import * as inner from "../decide.ts";
import * as cycles from "../fix-cycle.ts";
import { override as overrideItem } from "../override.ts";
import { planToApprove as shown } from "../plan-shown.ts";

export const accept = door(acceptRisks);
export const answer = door(inner.answer);
export const approve = door(inner.approve);
export const openFixCycle = door(cycles.openFixCycle);
export const closeFixCycle = door(cycles.closeFixCycle);
export const override = door(overrideItem);
export const reject = door(inner.reject);
export const planToApprove = door(shown);
