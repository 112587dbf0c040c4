/** Room checks: doctor, reconcile and the validators. They look; only doctor with `fix`, and reconcile, mend. */
import { door } from "../model/index.ts";
import * as inner from "./doctor.ts";
import * as bundles from "./validate-bundle.ts";
import * as plans from "./validate-plan.ts";
import * as reports from "./validate-report.ts";
import * as runs from "./validate-run.ts";
import * as sessions from "./validate-session.ts";

/** Rows about this machine, home and project. Fails only as the host fails. */
export const doctor = door(inner.doctor);
/** Rows about one run's files; also when they are broken. */
export const validateRun = door(runs.validateRun);
/** Rows about the plan of a planning run; also when its files are broken. */
export const validatePlan = door(plans.validatePlan);
/** Rows about a run's report: schema, rendering, ids and what they name. */
export const validateReport = door(reports.validateReport);
/** Rows about the files that a run has to have. */
export const validateBundle = door(bundles.validateBundle);
/** Rows about what the agents of a run did, by their logs. */
export const validateSession = door(sessions.validateSession);

export type { Check, CheckList, DoctorAnswer, Fix } from "./checks.schema.ts";
export type { AgentSeen, DoctorAsk } from "./doctor.ts";
export { resultLine } from "./rows.ts";
export type { ValidatePlanAsk } from "./validate-plan.ts";
export type { ValidateRunAsk } from "./validate-run.ts";
