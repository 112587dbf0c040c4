/** Room checks: doctor and the validators. They look, and never mend. */
import { door } from "../model/index.ts";
import * as inner from "./doctor.ts";
import * as runs from "./validate-run.ts";

/** Rows about this machine, home and project. Fails only as the host fails. */
export const doctor = door(inner.doctor);
/** Rows about one run's files; also when they are broken. */
export const validateRun = door(runs.validateRun);

export type { Check, CheckList } from "./checks.schema.ts";
export type { AgentSeen, DoctorAsk } from "./doctor.ts";
export { resultLine } from "./rows.ts";
export type { ValidateRunAsk } from "./validate-run.ts";
