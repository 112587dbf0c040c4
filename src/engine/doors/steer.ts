/** Doors: starting, going on, stopping. */
import { door } from "../../model/index.ts";
import { integrateStages as merging } from "../integrate/integrate.ts";
import * as inner from "../steer.ts";

export const start = door(inner.start);
export const resume = door(inner.resume);
export const cancel = door(inner.cancel);
export const implementAll = door(inner.implementAll);
export const go = door(inner.go);
export const integrateStages = door(merging);
export const planGo = door(inner.planGo);
