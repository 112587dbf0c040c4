/** Room stages: the Stage Map, its rules, which stage is ready, what it starts from. Pure. */
import { doorSync } from "../model/index.ts";
import { chooseStage as choose } from "./choose.ts";

export type { Wish } from "./choose.ts";
export { stageFiles } from "./files.ts";
export {
  type BaseKind,
  baseKind,
  type Readiness,
  readiness,
  type StageRecord,
  type StageState,
  type Taken,
} from "./readiness.ts";
export { checkStageMap, type Rule, type RuleBreak, renderBreaks } from "./rules.ts";
export { type Schedule, schedule } from "./schedule.ts";

/** See choose.ts: the stage to build, or a failure that says exactly why not. */
export const chooseStage = doorSync(choose);
