/**
 * Why an item ended in its class, step by step, from the state alone: who stated it, who was asked in which round and said what,
 * the class after each round, the votes, and each rule of the classes with what spoke for or against it. Pure.
 */
import { rules, supportOf, type Weighed, weigh } from "./classify.ts";
import type {
  ConvergenceState,
  FamilyVote,
  Item,
  ItemClass,
  ItemVerdict,
  Member,
  PlanItem,
} from "./convergence.schema.ts";
import { compareWith } from "./order.ts";

export type StatedStep = Member & { support: "none" | "refuted" | "held"; standing: string };

export type RoundStep = {
  round: number;
  asked: string[];
  verdicts: ItemVerdict[];
  failed: { worker: string; why: string }[];
  class: ItemClass;
};

export type RuleStep = { class: ItemClass; fits: boolean; why: string };

export type Explained = {
  stated: StatedStep[];
  /** Of the blind pass alone. */
  classBlind: ItemClass;
  /** Those in which somebody was asked about it. */
  rounds: RoundStep[];
  votes: FamilyVote[];
  /** Up to the first that fits. */
  rules: RuleStep[];
  end: string;
};

/** The item must be one of the state's. */
export function explainItem(state: ConvergenceState, item: Item): Explained {
  const rounds = [...state.rounds, ...(state.critique?.rounds ?? [])]
    .filter((round) => Object.values(round.asked).some((asked) => asked.includes(item.id)))
    .map(({ round, asked }): RoundStep => {
      const heard = verdictsAt(item, round);
      return {
        round,
        asked: Object.keys(asked).filter((worker) => asked[worker]?.includes(item.id)),
        verdicts: heard.filter((verdict) => verdict.round === round),
        failed: item.verificationErrors
          .filter((error) => error.round === round)
          .map(({ worker, why }) => ({ worker, why })),
        class: classAt(item, heard),
      };
    });
  return {
    stated: item.members.map((member) => ({ ...member, ...standingOf(member) })),
    classBlind: classAt(item, []),
    rounds,
    votes: item.votes,
    rules: ruleSteps(weigh(item.members, item.verdicts)),
    end: endOf(state, item, rounds),
  };
}

/** What each worker had said last when the round closed. */
function verdictsAt(item: Item, round: number): ItemVerdict[] {
  const last = new Map<string, ItemVerdict>();
  for (const verdict of [...(item.earlier ?? []), ...item.verdicts]) {
    const known = last.get(verdict.worker);
    if (verdict.round <= round && (known === undefined || known.round < verdict.round))
      last.set(verdict.worker, verdict);
  }
  return [...last.values()].sort(compareWith((verdict) => verdict.worker));
}

function classAt(item: Item, verdicts: readonly ItemVerdict[]): ItemClass {
  const facts = weigh(item.members, verdicts);
  return rules.find((rule) => rule.fits(facts))?.class ?? "worker-unique";
}

const standings = {
  none: "none of its evidence held: no vote",
  refuted: "a check or search that it named came out otherwise than claimed: no vote",
  held: "its evidence held: a vote",
} as const;

function standingOf(member: Member): Pick<StatedStep, "support" | "standing"> {
  const support = supportOf(member);
  return { support, standing: standings[support] };
}

function ruleSteps(facts: Weighed): RuleStep[] {
  const steps: RuleStep[] = [];
  for (const rule of rules) {
    const fits = rule.fits(facts);
    steps.push({ class: rule.class, fits, why: reasons[rule.class](facts) });
    if (fits) break;
  }
  return steps;
}

const count = (number: number, one: string, several: string): string => `${number} ${number === 1 ? one : several}`;
const families = (number: number): string => count(number, "family", "families");

/** What the rule looked at, in words that are true whether it fits or not. */
const reasons: Readonly<Record<ItemClass, (of: Weighed) => string>> = {
  unsubstantiated: ({ supports }) =>
    `${supports.filter((support) => support !== "none").length} of ${count(supports.length, "statement has", "statements have")} evidence that held`,
  refuted: ({ supports, withEvidence, agree, onlyAuthor }) =>
    supports.includes("held")
      ? `${families(withEvidence)} ${withEvidence === 1 ? "disagrees" : "disagree"} with evidence that held (2 are needed); ${agree === 0 ? "nobody agrees" : onlyAuthor ? "no family but its author's agrees" : `${families(agree)} ${agree === 1 ? "agrees" : "agree"}`}`
      : "the checks that were named for it came out otherwise than claimed",
  contested: ({ withEvidence, agree, disagree }) =>
    `${families(withEvidence)} ${withEvidence === 1 ? "disagrees" : "disagree"} with evidence that held; ${agree} agree, ${disagree} disagree${agree === disagree && agree > 0 ? ": a tie" : ""}`,
  "full-consensus": ({ agree, votes }) =>
    `${agree} of ${families(votes.length)} that answered agree (all, and at least 2)`,
  "partial-consensus": ({ agree, votes, agreeing }) =>
    `${agree} of ${families(votes.length)} that answered agree (more than half), by ${count(agreeing, "worker", "workers")} (at least 2)`,
  "worker-unique": () => "one side states it, nobody else confirms or refutes it",
};

const endings: Readonly<Record<ConvergenceState["endedBecause"], string>> = {
  "queue-empty": "nothing was left to ask",
  "max-rounds": "the last round that the configuration allows was over",
  "nothing-changed": "the last round changed nothing",
  off: "convergence was off",
  degraded: "fewer than two workers answered",
  running: "the rounds are not over",
};

function endOf(state: ConvergenceState, item: Item, rounds: readonly RoundStep[]): string {
  if (!item.final) return `still open: ${endings[state.endedBecause]}; it is shown as dissent`;
  const last = rounds.at(-1);
  if (last !== undefined) return `final after round ${last.round}: only what is contested is asked again`;
  if (state.critique?.items.includes(item.id) === true && state.critique.checker === null)
    return "final without a round: no worker of another family than the critic's was there to check it";
  const why =
    state.rounds.length === 0 && state.endedBecause !== "queue-empty"
      ? endings[state.endedBecause]
      : settled(state, item);
  return `final without a round: ${why}`;
}

/** Why nobody was asked although rounds were possible. */
function settled({ config }: ConvergenceState, item: Item): string {
  if (item.class === "unsubstantiated" || item.class === "refuted") return "its evidence did not hold";
  const order = ["blocker", "major", "minor", "nit"];
  if (order.indexOf(item.severity) > order.indexOf(config.severityFloor))
    return `${item.severity} is below the severity floor (${config.severityFloor})`;
  return "every worker that answered had stated it";
}

/** Why a part of a plan is refused or not. */
export function explainPlanItem(item: PlanItem): string {
  const byFamily = new Map<string, PlanItem["verdicts"]>();
  for (const verdict of item.verdicts) byFamily.set(verdict.family, [...(byFamily.get(verdict.family) ?? []), verdict]);
  const votes = [...byFamily.values()];
  const against = votes.filter((own) => own.every((verdict) => verdict.verdict === "DISAGREE")).length;
  if (votes.length === 0) return "nobody judged it";
  const found = `${against} of ${families(votes.length)} that answered ${against === 1 ? "disagrees" : "disagree"}`;
  if (!item.refused) return against === 0 ? "nobody disagrees as a family" : `${found}: not more than half`;
  return 2 * against > votes.length ? `${found}: more than half` : `${found}: a tie, with evidence that held`;
}
