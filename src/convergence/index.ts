/** Room convergence: what several workers' findings come to when they check each other. Pure and deterministic. */
export { gapItems, withCritique } from "./critique.ts";
export { type Doubt, doubtsOf, isFollowed } from "./doubts.ts";
export { type Explained, explainItem, explainPlanItem } from "./explain.ts";
export { groupFindings, type Judged, type Stated } from "./group.ts";
export { type ItemsOfRun, knownAs, recognise, remember, sameAs } from "./identity.ts";
export { inOnePlace, invariantsOf } from "./invariants.ts";
export { type PlanPart, type PlanReply, type PlanVerdict, planBodyGate, planItems } from "./plan-body.ts";
export {
  type Analyser,
  closeRound,
  finish,
  nextRound,
  openConvergence,
  type Reply,
  type Round,
  type Verdict,
} from "./rounds.ts";
export { type Verification, type VerificationFacts, verificationVerdict } from "./verdict.ts";
