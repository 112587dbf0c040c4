/** Room lifecycle: what tasks, phases, runs and gates are. Pure. */

export {
  type ApprovalFacts,
  approvalProblems,
  contentHash,
  riskHash,
  sentBackBy,
  sentBackQuestion,
  shortContent,
} from "./approval.ts";
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
export { inPresentCycle, planOfCycle, runsOfCycle } from "./cycles.ts";
export { answerItem, readUserResponse, withdrawItem } from "./doors.ts";
export { type Gate, type GateFacts, type GateName, gates } from "./gates.ts";
export { homeOf } from "./home.ts";
export { nearestKey } from "./nearest-key.ts";
export * from "./paths.ts";
export { type ReportHashes, reportHashes } from "./report-hashes.ts";
export * from "./segment.ts";
export * from "./task-types.ts";
export { type GivenAnswer, type UserResponse, userResponseHead } from "./user-response.ts";
