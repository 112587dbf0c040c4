/** Doors: the worktree registry. */
import { door } from "../../model/index.ts";
import * as inner from "../entries.ts";

export const readRegistry = door(inner.readRegistry);
export const changeRegistry = door(inner.changeRegistry);
export const proveHolder = door(inner.proveHolder);
