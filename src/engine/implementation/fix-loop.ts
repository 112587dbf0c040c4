/**
 * The bounded loop between executor and verifiers. The machine:
 *
 *   verified(r) --nothing blocks--> settled
 *       | blocks, r < most, no item survived two rounds
 *       v
 *   fix(r+1) -> examined(r+1) -> verified(r+1) ...
 *       | r = most, or an item survived two rounds
 *       v
 *   needs-decomposition
 */
import type { Invariant, Item, KnownItem } from "../../convergence/convergence.schema.ts";
import { remember } from "../../convergence/index.ts";
import type { Override } from "../../registry/registry.schema.ts";
import { rememberedItems } from "../known-items.ts";
import { openItemOf } from "../prompts.ts";
import { progress, type Run } from "../run.ts";
import { questionOf } from "../verified-range.ts";
import { type Blocking, isBlocking } from "./blocking.ts";
import { type Examination, examine } from "./examine.ts";
import { execute } from "./executor.ts";
import type { StageWork } from "./stage-work.ts";
import { type VerifierVerdict, verifyStage } from "./verifiers.ts";

export type LoopShape = "converging" | "rotating" | "oscillating" | "stagnant";

export type RoundResult = {
  readonly round: number;
  readonly examination: Examination;
  readonly verdicts: readonly VerifierVerdict[];
  readonly items: readonly Item[];
  /** Items that a person let pass, by id. */
  readonly overridden: ReadonlyMap<string, Override>;
  /** The task's register as it is after this round. */
  readonly invariants: readonly Invariant[];
  readonly blocking: readonly Blocking[];
};

export type Loop = {
  readonly settled: boolean;
  readonly rounds: readonly RoundResult[];
  readonly last: RoundResult;
  readonly fixRounds: number;
  /** Blocking items that no round before had: they count against the fix that came before them. */
  readonly broughtByFixes: readonly string[];
  readonly shape: LoopShape;
};

export async function fixLoop(run: Run, work: StageWork, first: Examination): Promise<Loop> {
  const most = run.project.settings.maxFixRounds;
  const given = await rememberedItems(run);
  let last = await judge(run, work, { round: 0, examination: first, given, rounds: [] });
  const rounds = [last];
  while (last.blocking.length > 0 && rounds.length <= most && !survivedTwo(rounds)) {
    const round = rounds.length;
    await progress(run, "phase-5.5-convergence", `fix-round=${round} blocking=${last.blocking.length}`);
    await execute(run, work, { purpose: "fix", round, blocking: last.blocking });
    last = await judge(run, work, {
      round,
      examination: await examine(run, work, round),
      ...{ given, rounds },
    });
    rounds.push(last);
  }
  return {
    settled: last.blocking.length === 0,
    rounds,
    last,
    fixRounds: rounds.length - 1,
    broughtByFixes: rounds.slice(1).flatMap(({ round, items }) => {
      const before = statedIn(rounds.slice(0, round));
      return items
        .filter((item) => isBlocking(item) && !before.has(item.id))
        .map((item) => `${item.id} (${item.title}) was not there before fix round ${round}`);
    }),
    shape: shapeOf(rounds.map((one) => one.blocking.map((item) => item.id))),
  };
}

/** `given`: what the task knew of its items before the run; `rounds`: those before this one. */
type Judged = {
  readonly round: number;
  readonly examination: Examination;
  readonly given: readonly KnownItem[];
  readonly rounds: readonly RoundResult[];
};

/** An item keeps its id over the rounds as it does over the task's runs. */
const knownAfter = (run: Run, { given, rounds }: Judged): readonly KnownItem[] =>
  rounds.reduce(
    (known: readonly KnownItem[], { items, verdicts }) =>
      remember(known, {
        run: run.id,
        taskType: questionOf(run.manifest),
        answered: verdicts.filter(({ verdict }) => verdict !== "abstained").map(({ workerId }) => workerId),
        items,
      }),
    given,
  );

const statedIn = (rounds: readonly RoundResult[]): ReadonlySet<string> =>
  new Set(rounds.flatMap(({ items }) => items.map(({ id }) => id)));

async function judge(run: Run, work: StageWork, of: Judged): Promise<RoundResult> {
  const mechanical = of.examination.checks
    .filter((check) => !check.ok && check.blocking)
    .map((check) => ({
      id: check.id,
      severity: "blocker",
      title: check.id,
      claim: check.message,
      place: null,
      suggestedFix: null,
    }));
  const before = of.rounds.at(-1);
  const { verdicts, items, overridden, invariants } = await verifyStage(run, work, {
    round: of.round,
    examination: of.examination,
    known: knownAfter(run, of),
    stated: statedIn(of.rounds),
    since: before?.examination.head ?? null,
    open: before?.blocking ?? [],
    before: before?.items ?? [],
  });
  const found = items
    .filter((item) => isBlocking(item) && !overridden.has(item.id))
    .map((item) => openItemOf(item, invariants));
  const blocking = [...mechanical, ...found];
  return { round: of.round, examination: of.examination, verdicts, items, overridden, invariants, blocking };
}

/** An item that blocked in three rounds running was sent back twice and survived both. */
function survivedTwo(rounds: readonly RoundResult[]): boolean {
  const [a, b, c] = rounds.slice(-3).map((one) => new Set(one.blocking.map((item) => item.id)));
  if (a === undefined || b === undefined || c === undefined) return false;
  return [...c].some((id) => a.has(id) && b.has(id));
}

/** How the loop went, from the ids that blocked in each round. Pure. */
export function shapeOf(rounds: readonly (readonly string[])[]): LoopShape {
  const last = rounds.at(-1) ?? [];
  const before = rounds.at(-2);
  if (last.length === 0 || before === undefined) return "converging";
  const earlier = new Set(rounds.slice(0, -2).flat());
  const previous = new Set(before);
  if (last.some((id) => earlier.has(id) && !previous.has(id))) return "oscillating";
  if (last.length === before.length && last.every((id) => previous.has(id))) return "stagnant";
  if (last.length >= before.length) return "rotating";
  return "converging";
}
