/**
 * The class of an item, from its members (who stated it) and the verdicts on it. Votes count by family.
 *
 * What each worker says is one voice: his newest verdict, else his statement. A statement is a voice only if its own evidence
 * held; a worker who failed has none. A family whose voices all agree, or all disagree, has that vote; one whose voices differ
 * has answered and abstains, and so counts among those a majority is measured against.
 *
 * Evidence states that count as held are `held` and `corrected`. Support of a member:
 *   none      no piece held                                               -> cannot carry an item
 *   refuted   some piece held, but a check or search that it named came out otherwise than claimed -> the claim was put to the test and fell
 *   held      otherwise. A wrong quote beside one that held does not refute: the quote was wrong, not the claim.
 */

import type { CheckedEvidence, FamilyVote, ItemClass, ItemVerdict, Member } from "./convergence.schema.ts";
import { compareText } from "./order.ts";

export type Support = "none" | "refuted" | "held";
type Voice = { readonly family: string; readonly agrees: boolean; readonly checked: boolean };

export type Classified = { readonly votes: FamilyVote[]; readonly class: ItemClass };

export function classify(members: readonly Member[], verdicts: readonly ItemVerdict[]): Classified {
  const facts = weigh(members, verdicts);
  return { votes: [...facts.votes], class: classOf(facts) };
}

export const isHeld = (piece: CheckedEvidence): boolean => piece.state === "held" || piece.state === "corrected";

export const supportOf = (member: Pick<Member, "evidence">): Support => {
  if (!member.evidence.some(isHeld)) return "none";
  return member.evidence.some((piece) => piece.state === "refuted" && isTest(piece)) ? "refuted" : "held";
};

const isTest = ({ evidence }: CheckedEvidence): boolean =>
  evidence.kind === "check" || evidence.kind === "search" || evidence.kind === "absence";

/** Workers who stated the item with evidence that held: they are not asked about it again while it is not contested. */
export const statersOf = (members: readonly Member[]): Set<string> =>
  new Set(members.filter((member) => supportOf(member) === "held").map((member) => member.worker));

function voicesOf(
  members: readonly Member[],
  supports: readonly Support[],
  verdicts: readonly ItemVerdict[],
): Map<string, Voice> {
  const voices = new Map<string, Voice>();
  members.forEach(({ worker, family }, at) => {
    if (supports[at] === "held") voices.set(worker, { family, agrees: true, checked: true });
  });
  for (const verdict of verdicts) {
    const { worker, family } = verdict;
    voices.set(worker, { family, agrees: verdict.verdict !== "DISAGREE", checked: verdict.evidence.some(isHeld) });
  }
  return voices;
}

function votesOf(voices: ReadonlyMap<string, Voice>): FamilyVote[] {
  const votes: FamilyVote[] = [];
  for (const { family, agrees, checked } of voices.values()) {
    const said = agrees ? "agree" : "disagree";
    const own = votes.find((vote) => vote.family === family);
    if (own === undefined) votes.push({ family, vote: said, checked });
    else if (own.vote !== said) Object.assign(own, { vote: "abstain", checked: false });
    else own.checked ||= checked;
  }
  return votes.length < 2 ? votes : votes.sort((a, b) => compareText(a.family, b.family));
}

/** What the classes are decided by. Votes and voices are those of `votesOf` and `voicesOf`. */
export type Weighed = {
  readonly supports: readonly Support[];
  readonly votes: readonly FamilyVote[];
  readonly agree: number;
  readonly disagree: number;
  /** Families that disagree with evidence that held. */
  readonly withEvidence: number;
  /** Nobody agrees but, at most, one family that stated the item. */
  readonly onlyAuthor: boolean;
  /** Workers who agree, of families that agree. */
  readonly agreeing: number;
};

/** The same facts that `classify` decides by, for those who explain a class. */
export function weigh(members: readonly Member[], verdicts: readonly ItemVerdict[]): Weighed {
  const supports = members.map(supportOf);
  const voices = voicesOf(members, supports, verdicts);
  const votes = votesOf(voices);
  const agree = votes.filter((vote) => vote.vote === "agree");
  const disagree = votes.filter((vote) => vote.vote === "disagree");
  const [first] = agree;
  const isAuthor = (family: string): boolean =>
    members.some((member, at) => member.family === family && supports[at] === "held");
  let agreeing = 0;
  for (const { family, agrees } of voices.values())
    if (agrees && agree.some((vote) => vote.family === family)) agreeing++;
  return {
    supports,
    votes,
    agree: agree.length,
    disagree: disagree.length,
    withEvidence: disagree.filter((vote) => vote.checked).length,
    onlyAuthor: first === undefined || (agree.length === 1 && isAuthor(first.family)),
    agreeing,
  };
}

/** The rules of the classes in their order (verification.md, Convergence); the first that fits is the class. */
export const rules: readonly { readonly class: ItemClass; readonly fits: (of: Weighed) => boolean }[] = [
  { class: "unsubstantiated", fits: ({ supports }) => supports.every((support) => support === "none") },
  {
    class: "refuted",
    fits: ({ supports, withEvidence, onlyAuthor }) => !supports.includes("held") || (withEvidence >= 2 && onlyAuthor),
  },
  {
    class: "contested",
    fits: ({ withEvidence, votes, agree, disagree }) => withEvidence > 0 || (votes.length > 0 && agree === disagree),
  },
  { class: "full-consensus", fits: ({ agree, votes }) => agree >= 2 && agree === votes.length },
  {
    class: "partial-consensus",
    fits: ({ agree, votes, agreeing }) => 2 * agree > votes.length && agreeing >= 2,
  },
  { class: "worker-unique", fits: () => true },
];

const classOf = (of: Weighed): ItemClass => rules.find((rule) => rule.fits(of))?.class ?? "worker-unique";
