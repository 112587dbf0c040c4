/**
 * The clocks of one dispatch, as a pure state machine over the monotonic clock (milliseconds). Who runs it (dispatch.ts) asks when
 * to look next and ends the agent when a clock has run out.
 *
 *                 any event            tool-call
 *     silent ---------------> working ----------> in-tool
 *        ^                     |  ^                  |
 *        | nextQuestion        |  '--- last result --'
 *        |                     |
 *        '---- finished <------'  (finished or failed, from anywhere; terminal but for nextQuestion)
 *
 *     runs out: silent after firstEvent; working after idle without progress; finished after linger, when the process will not
 *     exit; each of them but finished after hard, counted from the first question. in-tool has no idle clock: a long test run is not
 *     a hang. Said once: soft.
 *
 * Progress is an event that a working agent makes and a stuck one does not: started, a text that differs from the last, a tool
 * call or its result. Retries, refusals, usage and unreadable lines are not; nor is output as such.
 */
import type { AgentEvent } from "./contract.ts";

export type ClockLimits = {
  readonly firstEventMs: number;
  readonly idleMs: number;
  readonly softMs: number;
  readonly hardMs: number;
  /** How long a process may stay after its success event. */
  readonly lingerMs: number;
  /** Between TERM and KILL. */
  readonly graceMs: number;
};

const minute = 60_000;
export const defaultClocks: ClockLimits = {
  firstEventMs: 2 * minute,
  idleMs: 8 * minute,
  softMs: 20 * minute,
  hardMs: 60 * minute,
  lingerMs: 10_000,
  graceMs: 5_000,
};

type Phase =
  | { readonly at: "silent"; readonly since: number }
  | { readonly at: "working"; readonly since: number }
  | { readonly at: "in-tool"; readonly open: readonly string[] }
  | { readonly at: "finished"; readonly since: number };

export type Clocks = {
  /** When the first question of the dispatch was asked. */
  readonly begun: number;
  readonly softSaid: boolean;
  readonly lastText: string;
  readonly phase: Phase;
};

export type RanOut = "first-event" | "idle" | "hard" | "linger";

export const startClocks = (now: number): Clocks => ({
  begun: now,
  softSaid: false,
  lastText: "",
  phase: { at: "silent", since: now },
});

/** The same conversation goes on in a new process: first-event and idle begin anew, soft and hard do not. */
export const nextQuestion = (clocks: Clocks, now: number): Clocks => ({
  ...clocks,
  phase: { at: "silent", since: now },
});

export function heard(clocks: Clocks, event: AgentEvent, now: number): Clocks {
  const { phase } = clocks;
  if (phase.at === "finished" || event.type === "unreadable") return clocks;
  if (event.type === "finished" || event.type === "failed") return { ...clocks, phase: { at: "finished", since: now } };
  const lastText = event.type === "text" ? event.text : clocks.lastText;
  return { ...clocks, lastText, phase: next(phase, event, { now, progress: isProgress(clocks, event) }) };
}

function next(
  phase: Exclude<Phase, { at: "finished" }>,
  event: AgentEvent,
  at: { now: number; progress: boolean },
): Phase {
  const open = phase.at === "in-tool" ? phase.open : [];
  if (event.type === "tool-call") return { at: "in-tool", open: [...open.filter((id) => id !== event.id), event.id] };
  if (phase.at === "in-tool") {
    const left = event.type === "tool-result" ? open.filter((id) => id !== event.id) : open;
    return left.length > 0 ? { at: "in-tool", open: left } : { at: "working", since: at.now };
  }
  return at.progress || phase.at === "silent" ? { at: "working", since: at.now } : phase;
}

function isProgress(clocks: Clocks, event: AgentEvent): boolean {
  switch (event.type) {
    case "started":
    case "tool-call":
    case "tool-result":
      return true;
    case "text":
      return event.text.trim() !== "" && event.text !== clocks.lastText;
    default:
      return false;
  }
}

/** Which clock has run out by now, if any. The hard clock is named first: it is the stronger statement. */
export function ranOut(clocks: Clocks, limits: ClockLimits, now: number): RanOut | undefined {
  const { phase } = clocks;
  if (phase.at === "finished") return now >= phase.since + limits.lingerMs ? "linger" : undefined;
  if (now >= clocks.begun + limits.hardMs) return "hard";
  if (phase.at === "silent" && now >= phase.since + limits.firstEventMs) return "first-event";
  if (phase.at === "working" && now >= phase.since + limits.idleMs) return "idle";
  return undefined;
}

/** Whether the notice that it takes long is due; `sayLong` notes that it was given. */
export const isLong = (clocks: Clocks, limits: ClockLimits, now: number): boolean =>
  !clocks.softSaid && clocks.phase.at !== "finished" && now >= clocks.begun + limits.softMs;

export const sayLong = (clocks: Clocks): Clocks => ({ ...clocks, softSaid: true });

/** The earliest time at which a clock can run out or a notice is due, if nothing is heard until then. */
export function wakeAt(clocks: Clocks, limits: ClockLimits): number {
  const { phase, begun } = clocks;
  if (phase.at === "finished") return phase.since + limits.lingerMs;
  const times = [begun + limits.hardMs];
  if (!clocks.softSaid) times.push(begun + limits.softMs);
  if (phase.at === "silent") times.push(phase.since + limits.firstEventMs);
  if (phase.at === "working") times.push(phase.since + limits.idleMs);
  return Math.min(...times);
}
