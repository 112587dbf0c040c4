/** Doors: the worktrees that okstra made. */
import { door } from "../../model/index.ts";
import * as inner from "../worktrees.ts";

export const listWorktrees = door(inner.listWorktrees);
export const worktreePath = door(inner.worktreePath);
