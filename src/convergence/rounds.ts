/**
 * The bounded rounds in which workers verify each other's items. A deterministic machine: a state and the replies of a round give
 * the next state, the same bytes whatever the order of the replies; no clock, no chance.
 *
 *                 fewer than two of two or more answered ----------------> ended: degraded
 *   open ---------switched off, or one worker rostered ------------------> ended: off
 *     |     .-----nothing left to ask -----------------------------------> ended: queue-empty
 *     v     |
 *   running --nextRound--> (workers are asked) --closeRound--> running
 *     '-- after closeRound: queue-empty | max-rounds | nothing-changed --> ended
 *
 *   item: unsubstantiated, refuted, below the floor, or stated by all -> final at once, never asked
 *         else asked in round 1; then contested -> asked again, everybody; anything else -> final
 *
 * A final item never changes again. A worker that failed is no voice: he is listed, and the item keeps the class that the
 * voices give it. An item still contested when the rounds end stays open (`final: false`): it is the dissent of the report.
 */
import type { DisagreeBasis } from "../model/finding.schema.ts";
import { classify, isHeld, statersOf } from "./classify.ts";
import type { CheckedEvidence, ConvergenceConfig, ConvergenceState, Item, ItemVerdict } from "./convergence.schema.ts";
import { byId, compareText, compareWith, isBelow } from "./order.ts";

/** A rostered analyser after the blind pass; only `completed` has answered. */
export type Analyser = ConvergenceState["workers"][number];

export type Round = { readonly round: number; readonly asked: Readonly<Record<string, readonly string[]>> };

/** A worker's verdict on an item, its evidence checked. */
export type Verdict = {
  readonly item: string;
  readonly verdict: "AGREE" | "DISAGREE" | "SUPPLEMENT";
  readonly disagreeBasis?: DisagreeBasis | undefined;
  readonly reason: string;
  readonly evidence: readonly CheckedEvidence[];
};

/** What came back from a worker; any status but `completed` is a failure, and `why` says which. */
export type Reply = {
  readonly worker: string;
  readonly family: string;
  readonly status: string;
  readonly verdicts: readonly Verdict[];
  readonly why?: string | undefined;
};

/** The state after the blind pass. `items` come from groupFindings. */
export function openConvergence(
  config: ConvergenceConfig,
  workers: readonly Analyser[],
  items: readonly Item[],
): ConvergenceState {
  const roster = [...workers].sort(compareWith((one) => one.worker));
  const standing = standingOf(config, roster, []);
  const ended = standing === "degraded" ? "degraded" : roster.length < 2 || !config.enabled ? "off" : undefined;
  const answered = roster.filter(hasAnswered).map((one) => one.worker);
  const opened = [...items].sort(byId).map((item) => {
    const now = classify(item.members, item.verdicts);
    return {
      ...item,
      ...now,
      final: ended !== undefined || isSettled(config, answered, { ...item, class: now.class }),
    };
  });
  return {
    schemaVersion: 1,
    config,
    workers: roster,
    rounds: [],
    items: opened,
    skippedWorkers: roster
      .filter((one) => !hasAnswered(one))
      .map((one) => ({ worker: one.worker, round: 0, why: one.reason ?? one.status })),
    standing,
    endedBecause: ended ?? (opened.every((item) => item.final) ? "queue-empty" : "running"),
  };
}

/** Who is to be asked about what; undefined once the rounds have ended. Workers whose blind pass failed are not asked. */
export function nextRound(state: ConvergenceState): Round | undefined {
  if (state.endedBecause !== "running") return undefined;
  const round = state.rounds.length + 1;
  const queue = state.items.filter((item) => !item.final);
  const staters = queue.map((item) => (round > 1 ? none : statersOf(item.members)));
  const asked: Record<string, string[]> = {};
  for (const { worker } of state.workers.filter(hasAnswered)) {
    const items = queue.filter((_, at) => staters[at]?.has(worker) !== true).map((item) => item.id);
    if (items.length > 0) asked[worker] = items;
  }
  return { round, asked };
}

/** The state after a round. Verdicts on items that the worker was not asked about count for nothing. */
export function closeRound(state: ConvergenceState, round: Round, replies: readonly Reply[]): ConvergenceState {
  const due = nextRound(state);
  if (due?.round !== round.round) throw new Error(`round ${round.round} is not the one under way`);
  const heard = Object.entries(round.asked)
    .sort(([a], [b]) => compareText(a, b))
    .map(([worker, asked]) => hear(worker, asked, replies));
  const items = state.items.map((item) => (item.final ? item : settle(item, heard, round.round)));
  const changed = items.some((item, at) => item !== state.items[at] && voiceOf(item) !== voiceOf(state.items[at]));
  const failed = heard.flatMap(({ worker, failed: why }) =>
    why === undefined ? [] : [{ worker, round: round.round, why }],
  );
  const rounds = [...state.rounds, { round: round.round, asked: sortedAsked(round.asked), changed }];
  return {
    ...state,
    rounds,
    items,
    skippedWorkers: [...state.skippedWorkers, ...failed],
    standing: state.standing === "normal" ? "normal" : standingOf(state.config, state.workers, replies),
    endedBecause: whyEnded(state.config, items, rounds.length, changed),
  };
}

/** The state once no round is due. Throws (a bug) while one is: to stop early would make unheard items look settled. */
export function finish(state: ConvergenceState): ConvergenceState {
  if (state.endedBecause === "running") throw new Error(`round ${state.rounds.length + 1} of convergence is still due`);
  return state;
}

const none: ReadonlySet<string> = new Set();

const hasAnswered = (worker: Analyser): boolean => worker.status === "completed";

/** Final before any round: nothing can come of asking. */
function isSettled(config: ConvergenceConfig, answered: readonly string[], item: Item): boolean {
  const { class: now } = item;
  if (now === "unsubstantiated" || now === "refuted" || isBelow(item.severity, config.severityFloor)) return true;
  const staters = statersOf(item.members);
  return answered.every((worker) => staters.has(worker));
}

/** By the models that really answered, in the blind pass and in this round. */
function standingOf(
  config: ConvergenceConfig,
  workers: readonly Analyser[],
  replies: readonly Reply[],
): ConvergenceState["standing"] {
  const answered = workers.filter(hasAnswered);
  if (answered.length === 0 || (workers.length >= 2 && answered.length < 2)) return "degraded";
  if (workers.length < 2) return "single-family";
  if (!config.enabled) return "off";
  const families = new Set(
    [...answered, ...replies.filter((reply) => reply.status === "completed")].map((one) => one.family),
  );
  return families.size < 2 ? "single-family" : "normal";
}

type Heard = {
  readonly worker: string;
  readonly family: string;
  /** Why the whole reply is none; undefined when there is one. */
  readonly failed: string | undefined;
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Items on which this worker gave no verdict that counts, with the reason. */
  readonly errors: ReadonlyMap<string, string>;
};

function hear(worker: string, asked: readonly string[], replies: readonly Reply[]): Heard {
  const [reply, second] = replies.filter((one) => one.worker === worker);
  if (second !== undefined) throw new Error(`${worker} has two replies in one round`);
  if (reply === undefined || reply.status !== "completed") {
    const failed = reply === undefined ? "no reply" : (reply.why ?? reply.status);
    return {
      worker,
      family: reply?.family ?? "",
      failed,
      verdicts: new Map(),
      errors: new Map(asked.map((item) => [item, failed])),
    };
  }
  const verdicts = new Map<string, Verdict>();
  const errors = new Map<string, string>();
  const byItem = new Map<string, Verdict>();
  const contradicted = new Set<string>();
  for (const verdict of reply.verdicts) {
    const known = byItem.get(verdict.item);
    if (known !== undefined && disagrees(known) !== disagrees(verdict)) contradicted.add(verdict.item);
    // Of several that say the same, one that does not depend on their order.
    if (known === undefined || JSON.stringify(verdict) < JSON.stringify(known)) byItem.set(verdict.item, verdict);
  }
  for (const item of asked) {
    const given = byItem.get(item);
    if (given === undefined) errors.set(item, "no verdict on this item");
    else if (contradicted.has(item)) errors.set(item, "contradicts itself on this item");
    else verdicts.set(item, given);
  }
  return { worker, family: reply.family, failed: undefined, verdicts, errors };
}

const disagrees = (verdict: Verdict): boolean => verdict.verdict === "DISAGREE";

function settle(item: Item, heard: readonly Heard[], round: number): Item {
  const fresh = heard.flatMap(({ worker, family, verdicts }): ItemVerdict[] => {
    const given = verdicts.get(item.id);
    if (given === undefined) return [];
    const evidence = [...given.evidence];
    if (evidence.length > 1) evidence.sort(compareWith((piece) => JSON.stringify(piece)));
    const basis = disagrees(given) ? (given.disagreeBasis ?? null) : null;
    return [{ worker, family, round, verdict: given.verdict, basis, reason: given.reason, evidence }];
  });
  const replaced = new Set(fresh.map((verdict) => verdict.worker));
  const verdicts = [...item.verdicts.filter((verdict) => !replaced.has(verdict.worker)), ...fresh].sort(
    compareWith((verdict) => verdict.worker),
  );
  const earlier = [...(item.earlier ?? []), ...item.verdicts.filter((verdict) => replaced.has(verdict.worker))].sort(
    (a, b) => a.round - b.round || compareText(a.worker, b.worker),
  );
  const errors = heard.flatMap(({ worker, errors: why }) => {
    const found = why.get(item.id);
    return found === undefined ? [] : [{ worker, round, why: found }];
  });
  const now = classify(item.members, verdicts);
  return {
    ...item,
    ...now,
    verdicts,
    ...(earlier.length === 0 ? {} : { earlier }),
    verificationErrors: [...item.verificationErrors, ...errors],
    final: now.class !== "contested",
  };
}

/** What a round can change of an item: its class, its votes, and the evidence that holds for or against it. */
function voiceOf(item: Item | undefined): string {
  const held = item?.verdicts.flatMap((verdict) =>
    verdict.evidence.filter(isHeld).map((piece) => [verdict.worker, piece.evidence]),
  );
  return JSON.stringify([item?.class, item?.votes, held]);
}

function sortedAsked(asked: Round["asked"]): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(asked)
      .sort(([a], [b]) => compareText(a, b))
      .map(([worker, items]) => [worker, [...items]]),
  );
}

function whyEnded(
  config: ConvergenceConfig,
  items: readonly Item[],
  rounds: number,
  changed: boolean,
): ConvergenceState["endedBecause"] {
  if (items.every((item) => item.final)) return "queue-empty";
  if (rounds >= config.maxRounds) return "max-rounds";
  return changed ? "running" : "nothing-changed";
}
