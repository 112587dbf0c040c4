/** Door: a report as data. */
import { door } from "../../model/index.ts";
import * as inner from "../reports/read-report.ts";

export const readReport = door(inner.readReport);
