/** Room engine: everything a face may ask for. Each call gives a value or a failure; nothing here prints. */
import { door } from "../model/index.ts";
import * as decisions from "./decide.ts";
import { initProject as init } from "./init.ts";
import { planToApprove as planShown } from "./plan-shown.ts";
import { openProject } from "./project.ts";
import * as queries from "./queries.ts";
import { readReport as reportOf } from "./reports/read-report.ts";
import * as steering from "./steer.ts";
import type { World } from "./world.ts";

export const initProject = door(init);
export const prepare = door(steering.prepare);
export const start = door(steering.start);
export const resume = door(steering.resume);
export const cancel = door(steering.cancel);
export const implementAll = door(steering.implementAll);
export const go = door(steering.go);
export const answer = door(decisions.answer);
export const approve = door(decisions.approve);
export const reject = door(decisions.reject);
export const listTasks = door(queries.listTasks);
export const taskStatus = door(queries.taskStatus);
export const findReport = door(queries.findReport);
export const showRun = door(queries.showRun);
export const readReport = door(reportOf);
export const planToApprove = door(planShown);
/** The project around a folder, with its settings. */
export const projectHere = door((world: World, cwd: string) => openProject(world, cwd, null));

export type { Approved } from "./decide.ts";
export type { InitAsk, Initialised } from "./init.ts";
export type { PlanShown } from "./plan-shown.ts";
export type { Prepared } from "./prepare/index.ts";
export { plainRequest, type RunRequest } from "./prepare/request.ts";
export type { RunState, TaskStatus } from "./queries.ts";
export type { Gone, ImplementAsk } from "./steer.ts";
export type { ProjectPlace, World } from "./world.ts";
