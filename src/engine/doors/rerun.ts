/** Door: running again what earlier runs were asked for. */
import { door } from "../../model/index.ts";
import * as inner from "../rerun/rerun.ts";

export const rerun = door(inner.rerun);
