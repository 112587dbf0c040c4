/** Doors: taking worktrees away, freeing stages. */
import { door } from "../../model/index.ts";
import * as prune from "../trees/prune.ts";
import * as release from "../trees/release.ts";
import * as remove from "../trees/remove.ts";

export const pruneTrees = door(prune.pruneTrees);
export const releaseStages = door(release.releaseStages);
export const removeTrees = door(remove.removeTrees);
