/** Door: what a run's items came to and why. */
import { door } from "../../model/index.ts";
import * as inner from "../inspect.ts";

export const inspectRun = door(inner.inspectRun);
