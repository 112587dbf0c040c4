/** Door: where a task stands. */
import { door } from "../../model/index.ts";
import * as inner from "../queries.ts";

export const taskStatus = door(inner.taskStatus);
