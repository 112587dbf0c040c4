/** Door: following a run under way. */
import { door } from "../../model/index.ts";
import * as inner from "../follow.ts";

export const followRun = door(inner.followRun);
