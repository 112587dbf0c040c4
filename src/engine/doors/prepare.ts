/** Door: preparing a run, apart from executing one, which takes several times as much code. */
import { door } from "../../model/index.ts";
import { prepareRun } from "../prepare/index.ts";

export const prepare = door(prepareRun);
