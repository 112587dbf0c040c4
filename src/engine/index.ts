/** Room engine: everything a face may ask for. Each call gives a value or a failure; nothing here prints. */
import { door } from "../model/index.ts";
import * as decisions from "./decide.ts";
import { initProject as init } from "./init.ts";
import * as queries from "./queries.ts";
import * as steering from "./steer.ts";

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

export type { Approved } from "./decide.ts";
export type { InitAsk, Initialised } from "./init.ts";
export type { Prepared } from "./prepare/index.ts";
export { plainRequest, type RunRequest } from "./prepare/request.ts";
export type { RunState, TaskStatus } from "./queries.ts";
export type { Gone, ImplementAsk } from "./steer.ts";
export type { ProjectPlace, World } from "./world.ts";
