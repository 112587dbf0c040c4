/**
 * Findings of several workers grouped into items: what overlaps in a file and says the same is one item (claims.ts has the
 * thresholds). Pairs are joined from the most alike down, and what is joined is transitive, with one exception: two findings of
 * one worker that differ in a word stay apart, whatever else they share and whoever is like both. He told them apart, and a long
 * text that he repeats in all of them must not make one item of several faults. The order in which findings arrive leaves no
 * trace: they are sorted first, by place, claim and author, and everything after works on that order.
 */
import { hash } from "node:crypto";
import type { Finding, Severity } from "../model/finding.schema.ts";
import { alike, bags, prefixLength, sameAnywhere, sameAtOnePlace, wordReader } from "./claims.ts";
import { classify } from "./classify.ts";
import type { CheckedEvidence, Item, Member } from "./convergence.schema.ts";
import { compareText, compareWith, worstFirst } from "./order.ts";

/** A finding with what the engine found out about its evidence. `family` is that of the model actually served. */
export type Stated = {
  readonly worker: string;
  readonly family: string;
  readonly finding: Finding;
  readonly evidence: readonly CheckedEvidence[];
};

type Span = { readonly path: string; readonly start: number; readonly end: number };
export type Placed = Stated & {
  readonly spans: readonly Span[];
  readonly words: readonly string[];
  /** The words as one text: findings of one worker with the same are the same. */
  readonly said: string;
};

/** What somebody said of two findings that code alone could not tell (doubts.ts). */
export type Judged = {
  readonly a: Named;
  readonly b: Named;
  readonly decision: "merge" | "different" | "same" | "split";
};
export type Named = { readonly worker: string; readonly finding: string };

/**
 * Items `F-001`, `F-002` ... in the order of their places; those without a place come last. Classes are those of the blind pass
 * alone. What `judged` tells apart stays apart; what it merges is joined last, unless a rule keeps it apart.
 */
export function groupFindings(stated: readonly Stated[], judged: readonly Judged[] = []): Item[] {
  const read = wordReader();
  const { findings, sets } = grouped(stated, judged, read);
  return sets.groups().map((members, at) =>
    itemOf(
      `F-${String(at + 1).padStart(3, "0")}`,
      members.map((index) => findings[index] as Placed),
      read,
    ),
  );
}

type Read = (text: string) => string[];

/** The findings in their order, the pairs that are alike, and the sets that they come to. */
export function grouped(stated: readonly Stated[], judged: readonly Judged[], read: Read) {
  const findings = stated.map((one) => prepare(one, read)).sort(byPlace);
  const told = judged.length === 0 ? [] : byIndex(findings, judged);
  const sets = new Sets(
    findings,
    told.filter(({ decision }) => decision === "split" || decision === "different"),
  );
  const pairs = [...overlapping(findings), ...alikeAnywhere(findings)];
  pairs.sort((x, y) => y.alike - x.alike || x.a - y.a || x.b - y.b);
  for (const { a, b } of pairs) sets.join(a, b);
  for (const { a, b, decision } of told) if (decision === "merge") sets.join(a, b);
  return { findings, pairs, sets };
}

type Told = { readonly a: number; readonly b: number; readonly decision: Judged["decision"] };

/** In the order of the findings, so that the order in which it was said leaves no trace. What names no finding says nothing. */
function byIndex(findings: readonly Placed[], judged: readonly Judged[]): Told[] {
  const name = ({ worker, finding }: Named): string => JSON.stringify([worker, finding]);
  const at = new Map(findings.map((one, index) => [name({ worker: one.worker, finding: one.finding.id }), index]));
  return judged
    .flatMap(({ a, b, decision }) => {
      const [x, y] = [at.get(name(a)), at.get(name(b))];
      return x === undefined || y === undefined ? [] : [{ a: Math.min(x, y), b: Math.max(x, y), decision }];
    })
    .sort((x, y) => x.a - y.a || x.b - y.b);
}

function prepare(stated: Stated, read: Read): Placed {
  const evidence = canonical(stated.evidence);
  const words = read(`${stated.finding.title} ${stated.finding.claim}`);
  const { worker, family, finding } = stated;
  return { worker, family, finding, evidence, spans: spansOf(evidence), words, said: words.join(" ") };
}

const canonical = (evidence: readonly CheckedEvidence[]): readonly CheckedEvidence[] =>
  evidence.length < 2 ? evidence : [...evidence].sort(compareWith((piece) => JSON.stringify(piece)));

/** Where a finding points: the lines that held; where none did, the lines it named. */
function spansOf(evidence: readonly CheckedEvidence[]): Span[] {
  const held: Span[] = [];
  const named: Span[] = [];
  for (const { evidence: piece, state, lines } of evidence) {
    if (piece.kind !== "file") continue;
    const { start, end } = lines ?? piece.lines;
    const into = isHeld(state) ? held : named;
    into.push({ path: piece.path, start: Math.min(start, end), end: Math.max(start, end) });
  }
  const spans = held.length > 0 ? held : named;
  if (spans.length > 1) spans.sort((a, b) => compareText(a.path, b.path) || a.start - b.start || a.end - b.end);
  return spans;
}

const isHeld = (state: CheckedEvidence["state"]): boolean => state === "held" || state === "corrected";

function byPlace(a: Placed, b: Placed): number {
  const x = a.spans[0];
  const y = b.spans[0];
  if (x === undefined || y === undefined) return (x === undefined ? 1 : 0) - (y === undefined ? 1 : 0) || byText(a, b);
  return compareText(x.path, y.path) || x.start - y.start || x.end - y.end || byText(a, b);
}

/** Down to the last character: findings that compare as equal are equal. */
const byText = (a: Placed, b: Placed): number =>
  compareText(a.finding.claim, b.finding.claim) ||
  compareText(a.finding.title, b.finding.title) ||
  compareText(a.worker, b.worker) ||
  compareText(a.finding.id, b.finding.id) ||
  compareText(wholeText(a), wholeText(b));

const wholeText = ({ family, finding, evidence }: Placed): string => JSON.stringify([family, finding, evidence]);

/** Two findings, by their place in the list, and how alike their claims are. `a` is before `b`. */
type Pair = { readonly a: number; readonly b: number; readonly alike: number };

/** Sweeps each file from its first line to its last: only spans that are open at the same time are compared. */
function overlapping(findings: readonly Placed[]): Pair[] {
  const byPath = new Map<string, { at: number; start: number; end: number }[]>();
  findings.forEach((finding, at) => {
    for (const { path, start, end } of finding.spans) {
      const known = byPath.get(path);
      if (known === undefined) byPath.set(path, [{ at, start, end }]);
      else known.push({ at, start, end });
    }
  });
  const pairs: Pair[] = [];
  for (const spans of byPath.values()) {
    spans.sort((a, b) => a.start - b.start || a.end - b.end || a.at - b.at);
    let active: typeof spans = [];
    for (const span of spans) {
      active = active.filter((other) => other.end >= span.start);
      for (const other of active) {
        const pair = pairIfSame(findings, other.at, span.at);
        if (pair !== undefined) pairs.push(pair);
      }
      active.push(span);
    }
  }
  return pairs;
}

function pairIfSame(findings: readonly Placed[], one: number, other: number): Pair | undefined {
  const a = Math.min(one, other);
  const b = Math.max(one, other);
  const [left, right] = [findings[a], findings[b]];
  if (a === b || left === undefined || right === undefined || toldApart(left, right)) return undefined;
  const likeness = alike(left.words, right.words, sameAtOnePlace);
  return likeness > 0 ? { a, b, alike: likeness } : undefined;
}

const toldApart = (one: Placed | undefined, other: Placed | undefined): boolean =>
  one?.worker === other?.worker && one?.said !== other?.said;

/** Pairs of which one has no lines to go by: strongly alike or not at all. Candidates share one of their rarest words. */
function alikeAnywhere(findings: readonly Placed[]): Pair[] {
  if (findings.every(({ spans }) => spans.length > 0)) return [];
  const claims = bags(findings.map(({ words }) => words));
  const pairs: Pair[] = [];
  const placed = new Map<number, number[]>();
  const unplaced = new Map<number, number[]>();
  // The last finding that looked at each other one: a pair is compared once, however many words it shares.
  const lookedAt = new Int32Array(findings.length).fill(-1);
  claims.forEach((claim, at) => {
    const isPlaced = (findings[at]?.spans.length ?? 0) > 0;
    for (const word of claim.subarray(0, prefixLength(claim.length))) {
      for (const holders of isPlaced ? [unplaced] : [unplaced, placed]) {
        for (const other of holders.get(word) ?? []) {
          const mate = lookedAt[other] === at ? undefined : claims[other];
          lookedAt[other] = at;
          if (mate === undefined || toldApart(findings[at], findings[other])) continue;
          const likeness = alike(claim, mate, sameAnywhere);
          if (likeness > 0) pairs.push({ a: other, b: at, alike: likeness });
        }
      }
      remember(isPlaced ? placed : unplaced, word, at);
    }
  });
  return pairs;
}

function remember(holders: Map<number, number[]>, word: number, at: number): void {
  const known = holders.get(word);
  if (known === undefined) holders.set(word, [at]);
  else known.push(at);
}

function itemOf(id: string, findings: readonly Placed[], read: Read): Item {
  const lead = findings.length === 1 ? findings[0] : [...findings].sort(byWeight)[0];
  if (lead === undefined) throw new Error("an item has no finding");
  const members: Member[] = findings.map(({ worker, family, finding, evidence }) => ({
    worker,
    family,
    finding: finding.id,
    title: finding.title,
    claim: finding.claim,
    severity: finding.severity,
    evidence: [...evidence],
  }));
  if (members.length > 1)
    members.sort(
      (a, b) =>
        compareText(a.worker, b.worker) ||
        compareText(a.finding, b.finding) ||
        compareText(JSON.stringify(a), JSON.stringify(b)),
    );
  const place = lead.spans[0] ?? null;
  return {
    id,
    title: lead.finding.title,
    claim: lead.finding.claim,
    severity: worst(members.map((member) => member.severity)),
    category: lead.finding.category,
    place: place === null ? null : { path: place.path, start: place.start, end: place.end },
    ...(lead.finding.symbol === undefined || lead.finding.symbol === "" ? {} : { symbol: lead.finding.symbol }),
    fingerprint: fingerprint(lead, place?.path ?? "", read),
    persistence: "new",
    members,
    verdicts: [],
    ...classify(members, []),
    final: false,
    verificationErrors: [],
  };
}

/** The member that speaks for its item: evidence that held before evidence that did not, then the worst, then by place. */
function byWeight(a: Placed, b: Placed): number {
  const weak = (finding: Placed): number => (finding.evidence.some((piece) => isHeld(piece.state)) ? 0 : 1);
  return weak(a) - weak(b) || worstFirst(a.finding.severity, b.finding.severity) || byPlace(a, b);
}

const worst = (severities: readonly Severity[]): Severity => [...severities].sort(worstFirst)[0] ?? "nit";

/** What stays the same when lines move: path, symbol and the words of the claim. 16 hex characters. */
function fingerprint(lead: Placed, path: string, read: Read): string {
  const claim = read(lead.finding.claim).join(" ");
  return hash("sha256", JSON.stringify([path, lead.finding.symbol ?? "", claim])).slice(0, 16);
}

/**
 * Disjoint sets; the smallest index of a set is its root, so that the sets come out in the order of the findings. No set ever holds
 * two findings of one worker that differ, nor a pair that was told apart.
 */
class Sets {
  readonly #parents: Int32Array;
  readonly #findings: readonly Placed[];
  /** What each worker said in a set, by its root; only where a set was made of several. */
  readonly #said = new Map<number, Map<string, string>>();

  /** Pairs that no set may hold both of. */
  readonly #apart: readonly { readonly a: number; readonly b: number }[];

  constructor(findings: readonly Placed[], apart: readonly { readonly a: number; readonly b: number }[]) {
    this.#findings = findings;
    this.#apart = apart;
    this.#parents = Int32Array.from({ length: findings.length }, (_, at) => at);
  }

  join(a: number, b: number): void {
    const [x, y] = [this.#root(a), this.#root(b)];
    if (x === y || !this.mayJoin(a, b)) return;
    const [kept, gone] = [this.#saidIn(Math.min(x, y)), this.#saidIn(Math.max(x, y))];
    for (const [worker, said] of gone) kept.set(worker, said);
    this.#parents[Math.max(x, y)] = Math.min(x, y);
  }

  mayJoin(a: number, b: number): boolean {
    const [x, y] = [this.#root(a), this.#root(b)];
    const [kept, gone] = [this.#saidIn(Math.min(x, y)), this.#saidIn(Math.max(x, y))];
    for (const [worker, said] of gone) if ((kept.get(worker) ?? said) !== said) return false;
    return !this.#apart.some((pair) => {
      const [one, other] = [this.#root(pair.a), this.#root(pair.b)];
      return (one === x && other === y) || (one === y && other === x);
    });
  }

  rootOf(at: number): number {
    return this.#root(at);
  }

  isOne(a: number, b: number): boolean {
    return this.#root(a) === this.#root(b);
  }

  #saidIn(root: number): Map<string, string> {
    const known = this.#said.get(root);
    if (known !== undefined) return known;
    const finding = this.#findings[root];
    const said = new Map(finding === undefined ? [] : [[finding.worker, finding.said]]);
    this.#said.set(root, said);
    return said;
  }

  groups(): number[][] {
    const byRoot = new Map<number, number[]>();
    for (let at = 0; at < this.#parents.length; at++) {
      const root = this.#root(at);
      const known = byRoot.get(root);
      if (known === undefined) byRoot.set(root, [at]);
      else known.push(at);
    }
    return [...byRoot.values()];
  }

  #root(at: number): number {
    let root = at;
    while (this.#parents[root] !== root) root = this.#parents[root] ?? root;
    for (let step = at; step !== root; ) {
      const next = this.#parents[step] ?? root;
      this.#parents[step] = root;
      step = next;
    }
    return root;
  }
}
