/**
 * A run that a quota or a budget ended goes on when it is resumed: what kept a dispatch from its answer is over, so its outcome must
 * not be remembered, nor what was built on it. Pure.
 *
 *   ... intended(x) ... done(x: quota) [facts, later dispatches] run.ended(askAgain: x) | run.started ...
 *       everything between intended(x) and run.ended that is x's own, a fact, or a dispatch asked after x's group is forgotten
 */
import { isPause, type RunEvent } from "../model/index.ts";

/** The events that a resumed run still goes by. */
export function withoutPauses(events: readonly RunEvent[]): RunEvent[] {
  let kept: RunEvent[] = [];
  for (const event of events) {
    if (event.type === "run.ended" && isPause(event.data.outcome))
      kept = forget(kept, new Set(event.data.askAgain ?? []));
    kept.push(event);
  }
  return kept;
}

/** How often each dispatch was started in parts of the run that ended so. */
export function pausedStarts(events: readonly RunEvent[]): Map<string, number> {
  const counts = new Map<string, number>();
  const starts: string[] = [];
  for (const event of events) {
    if (event.type === "dispatch.intended") starts.push(event.data.name);
    if (event.type !== "run.ended") continue;
    for (const name of event.data.askAgain ?? []) counts.set(name, starts.filter((started) => started === name).length);
  }
  return counts;
}

/** What the guards saw before a group of dispatches, and what says that the group was looked at after. */
const befores: readonly (readonly [before: RegExp, after: (name: string) => string])[] = [
  [/^guard:(.+):before$/, (name) => `guard:${name}:kept`],
  [/^refs-before:(.+)$/, (name) => `strays:${name}`],
];

/** What a person decided is no consequence of anything. */
const decided = new Set(["budget", "clarifications-in"]);

function forget(events: readonly RunEvent[], again: ReadonlySet<string>): RunEvent[] {
  const done = (event: RunEvent): boolean => event.type === "dispatch.done" && again.has(event.data.name);
  const from = events.findIndex((event, index) => isIntended(event, again) && !isIntendedLater(events, index));
  const first = from === -1 ? events.length : from;
  const isLook = (event: RunEvent): boolean =>
    event.type === "fact" && /^(?:guard:.+:kept|strays:.+)$/.test(event.data.key);
  const look = events.findIndex((event, index) => index > first && isLook(event));
  const later = new Set(
    events.flatMap((event, index) =>
      look !== -1 && index > look && event.type === "dispatch.intended" ? [event.data.name] : [],
    ),
  );
  const kept = events.filter((event, index) => {
    if (done(event)) return false;
    if (event.type === "fact") return index < first || decided.has(event.data.key);
    return !(event.type === "dispatch.done" && later.has(event.data.name));
  });
  const facts = new Set(kept.flatMap((event) => (event.type === "fact" ? [event.data.key] : [])));
  return kept.filter((event) => !(event.type === "fact" && isHalf(event.data.key, facts)));
}

/** Whether a fact is a look before a group that was not looked at after: the next one looks for itself. */
const isHalf = (key: string, facts: ReadonlySet<string>): boolean =>
  befores.some(([before, after]) => {
    const name = before.exec(key)?.[1];
    return name !== undefined && !facts.has(after(name));
  });

const isIntended = (event: RunEvent, again: ReadonlySet<string>): boolean =>
  event.type === "dispatch.intended" && again.has(event.data.name);

/** Whether the part of the run that this event belongs to was ended and gone on with since. */
const isIntendedLater = (events: readonly RunEvent[], index: number): boolean =>
  events.slice(index).some((event) => event.type === "run.ended");
