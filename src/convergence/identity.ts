/**
 * Which items of a run an earlier run of the task had already. An item is recognised by path, symbol and claim, never by its lines:
 * the same fingerprint first, then the most alike claims of the same path. Ids belong to the task: what is recognised keeps its id,
 * what is new gets the next one.
 *
 *   new --stated again--> persists --not stated again--> resolved --stated again--> reopened
 *
 * What a degraded run states was seen by one alone: its absence later resolves nothing, and a degraded run finds nothing resolved.
 * Only a later run of the same task type can find an item resolved: other phases ask other questions. Nor can one in which none of
 * the workers who had stated it answered: silence of the dead is no news. Pure; the order of the items leaves no trace.
 */
import { bags, diceOf, sameAtOnePlace, words } from "./claims.ts";
import type { Item, KnownItem, ResolvedItem } from "./convergence.schema.ts";
import { compareText, worstFirst } from "./order.ts";

/** A run whose items are known: its type, and the workers that answered in its blind pass. */
export type ItemsOfRun = {
  readonly run: string;
  readonly taskType: string;
  readonly answered: readonly string[];
  readonly items: readonly Item[];
  /** Fewer than two of two or more answered: what it states is known, but neither it nor what it leaves out settles anything. */
  readonly degraded?: boolean;
};

/** With one symbol a claim may be worded as freely as at one place; with the path alone it must say more of the same. */
const sameInFile = 0.6;

/** The items with the ids and the persistence that follow from what is known, and what this run finds resolved. `taken`: ids of items that the run has already. */
export function recognise(
  known: readonly KnownItem[],
  of: Omit<ItemsOfRun, "run"> & { readonly taken?: readonly string[] },
): { items: Item[]; resolved: ResolvedItem[] } {
  const taken = of.taken ?? [];
  const free = known.filter(({ id }) => !taken.includes(id));
  const matches = matchesOf(free, of.items);
  let next = 1 + Math.max(0, ...[...known.map(({ id }) => id), ...taken].map(numberOf));
  const items = of.items.map((item): Item => {
    const before = matches.get(item.id);
    if (before === undefined) return { ...item, id: idOf(next++), persistence: "new" };
    return { ...item, id: before.id, persistence: before.resolvedIn === null ? "persists" : "reopened" };
  });
  const seen = new Set([...matches.values()].map(({ id }) => id));
  const resolved = known
    .filter((one) => !seen.has(one.id) && isGone(one, of))
    .map(({ id, title, severity, path, lastRun }) => ({ id, title, severity, path, lastRun }));
  return { items, resolved };
}

/** What is known after one more run. `items` have the ids that the run gave them. */
export function remember(known: readonly KnownItem[], of: ItemsOfRun): KnownItem[] {
  const now = new Map(known.map((one) => [one.id, one]));
  for (const one of known) {
    if (!of.items.some(({ id }) => id === one.id) && isGone(one, of))
      now.set(one.id, { ...one, types: one.types.filter((type) => type !== of.taskType), resolvedIn: of.run });
  }
  let next = 1 + Math.max(0, ...[...known, ...of.items].map(({ id }) => numberOf(id)));
  for (const item of of.items) {
    const before = now.get(item.id);
    // Two runs side by side may have given one id to two things: the later one goes on under another.
    const id = before === undefined || matchesOf([before], [item]).size > 0 ? item.id : idOf(next++);
    now.set(id, knownOf({ ...item, id }, of, now.get(id)));
  }
  return [...now.values()].sort((a, b) => numberOf(a.id) - numberOf(b.id) || compareText(a.id, b.id));
}

/** What later runs recognise the item by. */
export const knownAs = (item: Item, of: Pick<ItemsOfRun, "run" | "taskType">): KnownItem =>
  knownOf(item, { ...of, answered: [], items: [] }, undefined);

/**
 * Of the items' ids, the known ones that they are, where the item is no worse than it was known: who let a major item pass has not
 * let a blocker pass.
 */
export function sameAs(known: readonly KnownItem[], items: readonly Item[]): Map<string, KnownItem> {
  const found = matchesOf(known, items);
  for (const { id, severity } of items) {
    const one = found.get(id);
    if (one !== undefined && worstFirst(severity, one.severity) < 0) found.delete(id);
  }
  return found;
}

const idOf = (number: number): string => `F-${String(number).padStart(3, "0")}`;
const numberOf = (id: string): number => Number(/^F-(\d+)$/.exec(id)?.[1] ?? 0);

const isGone = (one: KnownItem, of: Pick<ItemsOfRun, "taskType" | "answered" | "degraded">): boolean =>
  of.degraded !== true && one.types.includes(of.taskType) && one.workers.some((worker) => of.answered.includes(worker));

function knownOf(item: Item, of: ItemsOfRun, before: KnownItem | undefined): KnownItem {
  // What never held was never there, so it cannot be resolved.
  const counts = item.class !== "unsubstantiated" && item.class !== "refuted" && of.degraded !== true;
  const types = new Set(before?.types ?? []);
  if (counts) types.add(of.taskType);
  else if (of.degraded !== true) types.delete(of.taskType);
  return {
    id: item.id,
    fingerprint: item.fingerprint,
    path: item.place?.path ?? null,
    symbol: item.symbol ?? null,
    title: item.title,
    severity: item.severity,
    claims: [...new Set(item.members.map(claimOf))].sort(compareText),
    workers: [...new Set(item.members.map(({ worker }) => worker))].sort(compareText),
    types: [...types].sort(compareText),
    lastRun: of.run,
    resolvedIn: null,
  };
}

const claimOf = ({ title, claim }: { title: string; claim: string }): string => words(`${title} ${claim}`).join(" ");

/** Of each item's id, what it was known as. One to one: equal fingerprints first, then the most alike. */
function matchesOf(known: readonly KnownItem[], items: readonly Item[]): Map<string, KnownItem> {
  const found = new Map<string, KnownItem>();
  const taken = new Set<string>();
  const match = (item: Item, one: KnownItem): void => {
    if (found.has(item.id) || taken.has(one.id)) return;
    found.set(item.id, one);
    taken.add(one.id);
  };
  for (const item of items) {
    const same = known.find((one) => one.fingerprint === item.fingerprint && !taken.has(one.id));
    if (same !== undefined) match(item, same);
  }
  const left = items.filter(({ id }) => !found.has(id));
  for (const { item, one } of alikePairs(
    known.filter(({ id }) => !taken.has(id)),
    left,
  ))
    match(item, one);
  return found;
}

type Pair = { readonly item: Item; readonly one: KnownItem; readonly alike: number };

/** Pairs that may be the same, the most alike first. */
function alikePairs(known: readonly KnownItem[], items: readonly Item[]): Pair[] {
  const pairs: Pair[] = [];
  for (const item of items) {
    for (const one of known) {
      if ((item.place?.path ?? null) !== one.path) continue;
      const symbols = [item.symbol ?? null, one.symbol];
      if (symbols[0] !== symbols[1] && !symbols.includes(null)) continue;
      const alike = mostAlike(item.members.map(claimOf), one.claims);
      if (alike >= (symbols[0] !== null && symbols[0] === symbols[1] ? sameAtOnePlace : sameInFile))
        pairs.push({ item, one, alike });
    }
  }
  return pairs.sort(
    (a, b) =>
      b.alike - a.alike ||
      numberOf(a.one.id) - numberOf(b.one.id) ||
      compareText(a.item.fingerprint, b.item.fingerprint) ||
      compareText(a.item.id, b.item.id),
  );
}

function mostAlike(some: readonly string[], others: readonly string[]): number {
  const all = bags([...some, ...others].map((claim) => claim.split(" ")));
  let most = 0;
  for (const a of all.slice(0, some.length))
    for (const b of all.slice(some.length)) most = Math.max(most, diceOf(a, b));
  return most;
}
