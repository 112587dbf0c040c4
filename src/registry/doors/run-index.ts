/** Doors: the run index. */
import { door } from "../../model/index.ts";
import * as rebuilt from "../rebuild-index.ts";
import * as inner from "../run-index.ts";

export const appendIndex = door(inner.appendIndex);
export const readIndex = door(inner.readIndex);
export const readActive = door(inner.readActive);
export const rebuildIndex = door(rebuilt.rebuildIndex);
