/**
 * Invariants: the same root cause found on a second path. What was found twice will be found a third time, so the fix has to enforce it
 * in one place, and the register keeps it for later runs. Pure; read off what the task knows of its items, whatever their order.
 */
import { bags, diceOf } from "./claims.ts";
import type { Invariant, KnownItem } from "./convergence.schema.ts";
import { compareText, worstFirst } from "./order.ts";

/** As much of the same must be said as for one item in one file (identity.ts). */
const sameCause = 0.6;

/** Known items with one cause on several paths, each under the oldest of its items. What never held makes none. */
export function invariantsOf(known: readonly KnownItem[]): Invariant[] {
  const held = known
    .filter(({ path, types, resolvedIn }) => path !== null && (types.length > 0 || resolvedIn !== null))
    .sort((a, b) => a.id.length - b.id.length || compareText(a.id, b.id));
  const owner = held.map((_, at) => at);
  const root = (at: number): number => (owner[at] === at || owner[at] === undefined ? at : root(owner[at]));
  const claims = bagsOf(held);
  held.forEach((one, a) => {
    held.slice(a + 1).forEach((other, offset) => {
      const b = a + 1 + offset;
      if (one.path === other.path || !isOneCause(claims[a] ?? [], claims[b] ?? [])) return;
      const [x, y] = [root(a), root(b)];
      owner[Math.max(x, y)] = Math.min(x, y);
    });
  });
  return grouped(held, root).flatMap((items) => {
    const [first] = items;
    const paths = [...new Set(items.flatMap(({ path }) => path ?? []))].sort(compareText);
    if (first === undefined || paths.length < 2) return [];
    const severity = items.map((item) => item.severity).sort(worstFirst)[0] ?? first.severity;
    const open = items.some(({ resolvedIn }) => resolvedIn === null);
    return [{ id: `I-${first.id}`, title: first.title, severity, paths, items: items.map(({ id }) => id), open }];
  });
}

/** What there is to say of an item to who mends it; undefined where its cause was seen on its path alone. */
export function inOnePlace(invariants: readonly Invariant[], item: string): string | undefined {
  const found = invariants.find(({ items }) => items.includes(item));
  if (found === undefined) return undefined;
  const others = found.items.filter((id) => id !== item);
  return `The same root cause stands at ${found.paths.join(", ")} (${others.join(", ")}): enforce it in one place, so that it holds at all of them`;
}

function grouped(held: readonly KnownItem[], root: (at: number) => number): KnownItem[][] {
  const byRoot = new Map<number, KnownItem[]>();
  held.forEach((item, at) => {
    const own = byRoot.get(root(at));
    if (own === undefined) byRoot.set(root(at), [item]);
    else own.push(item);
  });
  return [...byRoot.values()];
}

type Bags = ReturnType<typeof bags>;

/** The claims of each item, their words numbered alike. */
function bagsOf(held: readonly KnownItem[]): Bags[] {
  const all = bags(held.flatMap(({ claims }) => claims.map((claim) => claim.split(" "))));
  let from = 0;
  return held.map(({ claims }) => {
    const own = all.slice(from, from + claims.length);
    from += claims.length;
    return own;
  });
}

const isOneCause = (some: Bags, others: Bags): boolean =>
  some.some((a) => others.some((b) => diceOf(a, b) >= sameCause));
