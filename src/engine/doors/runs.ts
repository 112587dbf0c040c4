/** Door: which runs are meant. */
import { door } from "../../model/index.ts";
import * as inner from "../find-runs.ts";

export const findRuns = door(inner.findRuns);
