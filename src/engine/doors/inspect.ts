/** Doors: what a run's items came to and why, and what workers' findings came to over all runs. */
import { door } from "../../model/index.ts";
import * as inner from "../inspect.ts";
import * as history from "../yield.ts";

export const inspectRun = door(inner.inspectRun);
export const yieldOf = door(history.yieldOf);
