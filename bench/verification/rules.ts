/** The rules that are compared: from a task, the claims that each would report, and the tokens that it takes. */
import { closeRound, groupFindings, nextRound, openConvergence } from "../../src/convergence/index.ts";
import { type Claim, repliesOf, type Task } from "./sample.ts";

/** Assumed tokens: of a worker's blind pass, of being asked in a round, and of each item in it. */
const tokens = { blind: 60_000, asked: 6_000, item: 1_500 };

export type Outcome = { readonly reported: ReadonlySet<number>; readonly tokens: number };

export const rules = [
  "one worker",
  "union",
  "stated by most",
  "majority vote",
  "majority vote, split ones twice",
  "okstra, confirmed",
  "okstra, confirmed or open",
] as const;

export type Rule = (typeof rules)[number];

/** What each rule makes of a task. */
export function outcomesOf(task: Task): Record<Rule, Outcome> {
  const { confirmed, shown } = okstra(task);
  return {
    "one worker": { reported: statedBy(task, (_, first) => first), tokens: tokens.blind },
    union: { reported: statedBy(task, (count) => count > 0), tokens: blind(task) },
    "stated by most": {
      reported: statedBy(task, (count) => 2 * count > task.workers.length),
      tokens: blind(task),
    },
    "majority vote": majorityVote(task, 1),
    "majority vote, split ones twice": majorityVote(task, 2),
    "okstra, confirmed": confirmed,
    "okstra, confirmed or open": shown,
  };
}

const blind = (task: Task): number => task.workers.length * tokens.blind;

function statedBy(task: Task, fits: (count: number, first: boolean) => boolean): ReadonlySet<number> {
  const found = task.claims.filter(({ at }) => {
    const count = task.states.filter((states) => states[at] === true).length;
    return fits(count, task.states[0]?.[at] === true);
  });
  return new Set(found.map(({ at }) => at));
}

/**
 * Everybody votes on everything that anybody stated, and with two rounds once more on what was not unanimous, those who stated it
 * too; no evidence is looked at, a worker is a vote.
 */
function majorityVote(task: Task, rounds: 1 | 2): Outcome {
  const all = statedBy(task, (count) => count > 0);
  const reported = new Set<number>();
  const asked = task.workers.map(() => [0, 0]);
  for (const claim of task.claims.filter(({ at }) => all.has(at))) {
    const first = task.workers.map((_, at) => task.states[at]?.[claim.at] === true || agreesIn(task, at, claim, 1));
    const isSplit = rounds === 2 && new Set(first).size > 1;
    const votes = isSplit ? task.workers.map((_, at) => agreesIn(task, at, claim, 2)) : first;
    for (const [at, counts] of asked.entries()) {
      if (task.states[at]?.[claim.at] !== true) counts[0] = (counts[0] ?? 0) + 1;
      if (isSplit) counts[1] = (counts[1] ?? 0) + 1;
    }
    if (2 * votes.filter(Boolean).length > task.workers.length) reported.add(claim.at);
  }
  return { reported, tokens: blind(task) + asked.flat().reduce((sum, items) => sum + ofRound(items), 0) };
}

const agreesIn = (task: Task, worker: number, claim: Claim, round: number): boolean =>
  task.says(worker, claim, round).verdict === "AGREE";

const ofRound = (items: number): number => (items === 0 ? 0 : tokens.asked + items * tokens.item);

/** The machine itself: okstra's grouping, rounds, family votes and classes. */
function okstra(task: Task): { confirmed: Outcome; shown: Outcome } {
  const config = {
    enabled: true,
    maxRounds: 2,
    verificationMode: "full-reanalysis",
    adversarial: true,
    severityFloor: "minor",
  } as const;
  let state = openConvergence(config, task.workers, groupFindings(task.stated));
  const claims = new Map<string, Claim>();
  for (const item of state.items) {
    const claim = task.claims[Number(item.members[0]?.finding.slice(1))];
    if (claim !== undefined) claims.set(item.id, claim);
  }
  const claimOf = (id: string): Claim => claims.get(id) ?? { at: -1, isFault: false };
  const answer = repliesOf(task, claimOf);
  let spent = blind(task);
  for (let due = nextRound(state); due !== undefined; due = nextRound(state)) {
    for (const items of Object.values(due.asked)) spent += ofRound(items.length);
    state = closeRound(state, due, answer(due));
  }
  const of = (classes: readonly string[]): Outcome => ({
    reported: new Set(state.items.filter((item) => classes.includes(item.class)).map((item) => claimOf(item.id).at)),
    tokens: spent,
  });
  const confirmed = ["full-consensus", "partial-consensus"];
  return { confirmed: of(confirmed), shown: of([...confirmed, "contested", "worker-unique"]) };
}
