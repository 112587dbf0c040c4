/** Doors: tasks that a task leaves behind. */
import { door } from "../../model/index.ts";
import * as inner from "../follow-ups.ts";

export const listFollowUps = door(inner.listFollowUps);
export const spawnFollowUps = door(inner.spawnFollowUps);
