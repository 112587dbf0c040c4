/** One task of a world by chance: who states what with which evidence, and what each worker says when asked. Seeded. */
import type { CheckedEvidence } from "../../src/convergence/convergence.schema.ts";
import type { Reply, Round, Stated, Verdict } from "../../src/convergence/index.ts";
import { chance } from "../numbers.ts";
import type { World } from "./worlds.ts";

export type Claim = { readonly at: number; readonly isFault: boolean };

export type Task = {
  readonly claims: readonly Claim[];
  readonly workers: readonly {
    readonly worker: string;
    readonly family: string;
    readonly status: "completed";
    readonly reason: null;
  }[];
  /** Which claims each worker states. */
  readonly states: readonly (readonly boolean[])[];
  readonly stated: readonly Stated[];
  /** What a worker says of a claim in a round, 1 first. */
  readonly says: (worker: number, claim: Claim, round: number) => Pick<Verdict, "verdict" | "evidence">;
};

export function sampleTask(world: World, seed: number): Task {
  const random = chance(seed);
  for (let at = 0; at < 20; at += 1) random();
  const claims = Array.from({ length: world.faults + world.wrong }, (_, at) => ({ at, isFault: at < world.faults }));
  const workers = world.families.map(
    (family, at) => ({ worker: `w${at}`, family, status: "completed", reason: null }) as const,
  );
  const states = correlated(world, random, claims, (claim) => (claim.isFault ? world.detects : world.invents));
  const agrees = correlated(world, random, claims, (claim) =>
    claim.isFault ? world.agrees.fault : world.agrees.wrong,
  );
  const draws = workers.map(() => claims.map(() => [random(), random(), random(), random()] as const));
  const stated = workers.flatMap(({ worker, family }, at) =>
    claims
      .filter((claim) => states[at]?.[claim.at] === true)
      .map((claim) => statement(world, { worker, family }, claim, draws[at]?.[claim.at]?.[0] ?? 0)),
  );
  const says: Task["says"] = (worker, claim, round) => {
    const [, refutes = 0, sway = 0] = draws[worker]?.[claim.at] ?? [];
    const first = agrees[worker]?.[claim.at] === true;
    const isRight = first === claim.isFault;
    const turns = round > 1 && sway < (isRight ? world.sways.spoilt : world.sways.mended);
    const agreesNow = turns ? !first : first;
    const holds = refutes < (claim.isFault ? world.refutes.fault : world.refutes.wrong);
    return agreesNow
      ? { verdict: "AGREE", evidence: [] }
      : { verdict: "DISAGREE", evidence: holds ? [quote(claim, "held")] : [] };
  };
  return { claims, workers, states, stated, says };
}

/** The replies of a round; an item is found again by the claim that it is of. */
export const repliesOf =
  (task: Task, claimOf: (item: string) => Claim) =>
  ({ round, asked }: Round): Reply[] =>
    task.workers
      .map((worker, at) => ({ ...worker, at }))
      .filter(({ worker }) => asked[worker] !== undefined)
      .map(({ worker, family, at }) => ({
        worker,
        family,
        status: "completed",
        verdicts: (asked[worker] ?? []).map((item) => ({ item, reason: "", ...task.says(at, claimOf(item), round) })),
      }));

/** Yes or no of each worker on each claim: a normal variable with a part that all share, one of the family, one of its own. */
function correlated(
  { families, within, across }: World,
  random: () => number,
  claims: readonly Claim[],
  chanceOf: (claim: Claim) => number,
): boolean[][] {
  const found = families.map((): boolean[] => []);
  for (const claim of claims) {
    const limit = quantile(chanceOf(claim));
    const shared = normal(random);
    const byFamily = new Map([...new Set(families)].map((family) => [family, normal(random)]));
    families.forEach((family, at) => {
      const own = normal(random);
      const value =
        Math.sqrt(across) * shared +
        Math.sqrt(within - across) * (byFamily.get(family) ?? 0) +
        Math.sqrt(1 - within) * own;
      found[at]?.push(value < limit);
    });
  }
  return found;
}

function statement(world: World, by: { worker: string; family: string }, claim: Claim, draw: number): Stated {
  const piece = quote(claim, draw < (claim.isFault ? world.quotes.fault : world.quotes.wrong) ? "held" : "refuted");
  const text = `claim number${claim.at} of this task`;
  const finding = {
    id: `F${claim.at}`,
    title: text,
    claim: text,
    severity: "major" as const,
    category: "correctness",
    evidence: [piece.evidence],
  };
  return { ...by, finding, evidence: [piece] };
}

/** Every claim has a place of its own, so grouping never errs here: what errors of grouping cost is not simulated. */
const quote = ({ at }: Claim, state: "held" | "refuted"): CheckedEvidence => ({
  evidence: { kind: "file", path: "src/a.ts", lines: { start: at * 100 + 1, end: at * 100 + 2 }, quote: "a line" },
  state,
  note: "",
  lines: null,
});

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const quantiles = new Map<number, number>();

/** The value below which a standard normal variable lies with this chance, by bisection of its distribution. */
function quantile(wanted: number): number {
  const known = quantiles.get(wanted);
  if (known !== undefined) return known;
  let [low, high] = [-8, 8];
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (cumulative(middle) < wanted) low = middle;
    else high = middle;
  }
  quantiles.set(wanted, (low + high) / 2);
  return (low + high) / 2;
}

/** Within 1e-7 (Abramowitz and Stegun 7.1.26). */
function cumulative(value: number): number {
  const x = Math.abs(value) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const rest = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const half = (1 - rest * Math.exp(-x * x)) / 2;
  return value < 0 ? 0.5 - half : 0.5 + half;
}
