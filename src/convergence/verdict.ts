/**
 * The verdict of final verification, from facts alone (verification.md, Final verification). What a worker calls the work is
 * dissent to show; what he found and others could not refute is what counts here.
 *
 * Blockers (the verdict is `blocked`):
 *   - an item of severity blocker or major that full or partial consensus confirmed, or that is still contested
 *   - the same that only one worker states, when no other family answered on it: silence does not weaken it
 *   - a requirement without an artefact; a command that did not pass, did not run, did no work, or ran at another commit
 *   - `db-unverified`; weakened tests that nothing explains; fewer than two workers answered
 * Residual risks (`conditional-accept`, for a person to take):
 *   - a blocking item of one worker on which other families answered and neither agreed nor refuted
 *   - a blocking item whose evidence could not be checked; one whose evidence was found false is only shown
 *   - no command was run at all, since none is configured
 *   - what an acceptance critic brought and nobody confirmed; confirmed it is a blocker, of whatever severity
 * What a person let pass (okstra override) is neither; the report names it. Minor items and nits are in the report and touch no verdict.
 */

import type { Item } from "./convergence.schema.ts";
import { compareText, isBlocking } from "./order.ts";

export type VerificationFacts = {
  readonly items: readonly Item[];
  /** Ids of what an acceptance critic brought: confirmed it blocks, else it is a risk, whatever its severity. */
  readonly candidates?: readonly string[];
  /** Ids of items that a person let pass: they neither block nor are a risk. */
  readonly overridden?: readonly string[];
  /** Every requirement in scope must be in `coverage`; one that is missing, or that any row calls uncovered, is not covered. */
  readonly requirements: readonly string[];
  readonly coverage: readonly { readonly requirement: string; readonly covered: boolean; readonly artefact: string }[];
  readonly commands: readonly {
    readonly name: string;
    readonly outcome: "passed" | "failed" | "did-not-run" | "no-work";
    readonly commit: string | null;
  }[];
  readonly verifiedCommit: string;
  readonly dbState: "not-touched" | "verified" | "db-unverified";
  readonly testsWeakened: readonly { readonly message: string; readonly explained: boolean }[];
  /** Fewer than two of two or more rostered workers answered, here or in a run before. */
  readonly degraded: boolean;
};

export type Verification = {
  readonly verdict: "accepted" | "conditional-accept" | "blocked";
  readonly blockers: string[];
  readonly risks: string[];
};

export function verificationVerdict(facts: VerificationFacts): Verification {
  const standing = facts.items.filter((item) => facts.overridden?.includes(item.id) !== true);
  const candidates = standing.filter((item) => facts.candidates?.includes(item.id));
  const items = standing.filter((item) => isBlocking(item.severity) && !candidates.includes(item));
  const blockers = [
    ...candidates.filter(isConfirmed).flatMap((item) => sentence(item, "brought by the critic and confirmed")),
    ...items.flatMap((item) => sentence(item, blockingWhy(item))),
    ...uncovered(facts),
    ...facts.commands.flatMap((command) => commandBlocker(command, facts.verifiedCommit)),
    ...(facts.dbState === "db-unverified"
      ? ["The change touches data access and was not run against a real store (db-unverified)"]
      : []),
    ...facts.testsWeakened
      .filter((one) => !one.explained)
      .map((one) => `Tests were weakened without a reason: ${one.message}`),
    ...(facts.degraded ? ["Fewer than two workers answered (degraded)"] : []),
  ];
  const risks = [
    ...candidates
      .filter((item) => !isConfirmed(item))
      .flatMap((item) => sentence(item, `brought by the critic, not confirmed (${item.class})`)),
    ...items.flatMap((item) => sentence(item, riskWhy(item))),
    ...(facts.commands.length === 0 ? ["No QA or conformance command was run, since none is configured"] : []),
  ];
  const verdict = blockers.length > 0 ? "blocked" : risks.length > 0 ? "conditional-accept" : "accepted";
  return { verdict, blockers: canonical(blockers), risks: canonical(risks) };
}

const isConfirmed = (item: Item): boolean => item.class === "full-consensus" || item.class === "partial-consensus";

const canonical = (sentences: readonly string[]): string[] => [...new Set(sentences)].sort(compareText);

const sentence = (item: Item, why: string | undefined): string[] =>
  why === undefined ? [] : [`${item.id} (${item.severity}): ${item.title}: ${why}`];

/** Why an item of blocking severity blocks; undefined when it does not. */
function blockingWhy(item: Item): string | undefined {
  switch (item.class) {
    case "full-consensus":
    case "partial-consensus":
      return "confirmed";
    case "contested":
      return "contested and not settled";
    case "worker-unique":
      return isUnanswered(item) ? "stated by one, nobody else answered" : undefined;
    case "unsubstantiated":
    case "refuted":
      return undefined;
  }
}

function riskWhy(item: Item): string | undefined {
  if (item.class === "worker-unique" && !isUnanswered(item)) return "stated by one, neither confirmed nor refuted";
  const isUncheckable = item.members.some(
    (member) => member.evidence.length > 0 && member.evidence.every((piece) => piece.state !== "refuted"),
  );
  return item.class === "unsubstantiated" && isUncheckable ? "its evidence could not be checked" : undefined;
}

const isUnanswered = (item: Item): boolean => item.votes.length < 2;

function uncovered(facts: VerificationFacts): string[] {
  const all = new Set([...facts.requirements, ...facts.coverage.map((one) => one.requirement)]);
  const isCovered = (requirement: string): boolean => {
    const rows = facts.coverage.filter((one) => one.requirement === requirement);
    return rows.length > 0 && rows.every((one) => one.covered && one.artefact.trim() !== "");
  };
  return [...all]
    .filter((requirement) => !isCovered(requirement))
    .map((requirement) => `Requirement ${requirement} has no artefact that covers it`);
}

function commandBlocker({ name, outcome, commit }: VerificationFacts["commands"][number], verified: string): string[] {
  if (outcome !== "passed") return [`${name} ${says[outcome]}`];
  return commit === verified ? [] : [`${name} ran at ${commit ?? "no commit"}, not at the verified commit ${verified}`];
}

const says = { failed: "failed", "did-not-run": "did not run", "no-work": "ran, but did no work" } as const;
