/** Door: a run as it would be, without making it. */
import { door } from "../../model/index.ts";
import * as inner from "../prepare/plan-run.ts";

export const planRun = door(inner.planRun);
