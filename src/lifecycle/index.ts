/** Room lifecycle: what tasks, phases, runs and gates are. Pure. */
import { doorSync } from "../model/index.ts";
import { answerItem as answer, withdrawItem as withdraw } from "./clarifications.ts";

export { type ApprovalFacts, approvalProblems, contentHash, shortContent } from "./approval.ts";
export {
  blockingApproval,
  blockingNextPhase,
  type Raised,
  type Raising,
  raiseItem,
  raiseItems,
  refusedQuestions,
  resolveItems,
} from "./clarifications.ts";
export { type Gate, type GateFacts, type GateName, gates } from "./gates.ts";
export { homeOf } from "./home.ts";
export { nearestKey } from "./nearest-key.ts";
export * from "./paths.ts";
export * from "./segment.ts";
export * from "./task-types.ts";

/** See clarifications.ts: the item answered, or why it cannot be. */
export const answerItem = doorSync(answer);
/** See clarifications.ts: the item withdrawn, or why it cannot be. */
export const withdrawItem = doorSync(withdraw);
