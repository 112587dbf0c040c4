/**
 * Pairs of findings of two workers of which the words alone do not say well whether they are one fault: for somebody who can read to
 * tell. Whoever is asked can only decide these pairs, and only so:
 *
 *   apart by the words, yet near    -> `merge` or `different`
 *   joined by the words, but barely -> `same` or `split`
 *
 * Near is: overlapping lines and a few words in common; one file, or no lines to go by, and half of the words in common. Pure; the
 * order of the findings leaves no trace.
 */
import { diceOf, wordReader } from "./claims.ts";
import type { Item } from "./convergence.schema.ts";
import { grouped, type Judged, type Named, type Placed, type Stated } from "./group.ts";

export type Side = Named & {
  readonly title: string;
  readonly claim: string;
  readonly severity: string;
  /** `path:start-end`; null without lines to go by. */
  readonly place: string | null;
};

export type Doubt = {
  readonly id: string;
  readonly choices: readonly [Judged["decision"], Judged["decision"]];
  readonly a: Side;
  readonly b: Side;
};

/** More are not asked about: the least alike stay as code has them. */
const mostDoubts = 40;
const overlapping = { apart: 0.2, barely: 0.5 };
const elsewhere = 0.5;

/** `G-01`, `G-02` ..., the most alike first. */
export function doubtsOf(stated: readonly Stated[]): Doubt[] {
  const { findings, pairs, sets } = grouped(stated, [], wordReader());
  const barely = pairs
    .filter(({ a, b, alike }) => alike < overlapping.barely && sets.isOne(a, b))
    .map((pair) => ({ ...pair, choices: ["same", "split"] as const }));
  const apart: Candidate[] = [];
  const asked = new Set<string>();
  for (const pair of nearPairs(findings)) {
    const { a, b } = pair;
    const between = [sets.rootOf(a), sets.rootOf(b)].sort((x, y) => x - y).join();
    if (sets.isOne(a, b) || asked.has(between) || !sets.mayJoin(a, b)) continue;
    asked.add(between);
    apart.push({ ...pair, choices: ["merge", "different"] });
  }
  return [...barely, ...apart]
    .sort(mostAlikeFirst)
    .slice(0, mostDoubts)
    .map(({ a, b, choices }, at) => ({
      id: `G-${String(at + 1).padStart(2, "0")}`,
      choices,
      a: sideOf(findings[a] as Placed),
      b: sideOf(findings[b] as Placed),
    }));
}

type Pair = { readonly a: number; readonly b: number; readonly alike: number };
type Candidate = Pair & { readonly choices: Doubt["choices"] };

const mostAlikeFirst = (x: Pair, y: Pair): number => y.alike - x.alike || x.a - y.a || x.b - y.b;

/** Pairs of two workers that are near enough to ask about, the most alike first. */
function nearPairs(findings: readonly Placed[]): Pair[] {
  const near: Pair[] = [];
  for (let a = 0; a < findings.length; a++) {
    for (let b = a + 1; b < findings.length; b++) {
      const [one, other] = [findings[a], findings[b]];
      if (one === undefined || other === undefined) continue;
      const least = one.worker === other.worker ? undefined : leastFor(one, other);
      if (least === undefined) continue;
      const alike = diceOf(one.words, other.words);
      if (alike >= least) near.push({ a, b, alike });
    }
  }
  return near.sort(mostAlikeFirst);
}

/** How alike two findings must be to be asked about; undefined where their places already say that they are two. */
function leastFor(one: Placed, other: Placed): number | undefined {
  if (one.spans.length === 0 || other.spans.length === 0) return elsewhere;
  const shared = one.spans.flatMap((span) =>
    other.spans.filter(({ path }) => path === span.path).map((to) => [span, to]),
  );
  if (shared.length === 0) return undefined;
  const overlap = shared.some(([x, y]) => x !== undefined && y !== undefined && x.start <= y.end && y.start <= x.end);
  return overlap ? overlapping.apart : elsewhere;
}

function sideOf({ worker, finding, spans }: Placed): Side {
  const [span] = spans;
  const place = span === undefined ? null : `${span.path}:${span.start}-${span.end}`;
  return { worker, finding: finding.id, title: finding.title, claim: finding.claim, severity: finding.severity, place };
}

/** Whether the items came out as it was said; a rule that keeps findings apart outranks whoever merges them. */
export function isFollowed(items: readonly Item[], { a, b, decision }: Judged): boolean {
  const holds = (item: Item, { worker, finding }: Named): boolean =>
    item.members.some((member) => member.worker === worker && member.finding === finding);
  const together = items.some((item) => holds(item, a) && holds(item, b));
  return together === (decision === "merge" || decision === "same");
}
