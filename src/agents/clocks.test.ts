import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ClockLimits,
  type Clocks,
  heard,
  isLong,
  nextQuestion,
  ranOut,
  sayLong,
  startClocks,
  wakeAt,
} from "./clocks.ts";
import type { AgentEvent } from "./contract.ts";

const limits: ClockLimits = { firstEventMs: 100, idleMs: 400, softMs: 1_000, hardMs: 3_000, lingerMs: 50, graceMs: 20 };

const started: AgentEvent = { type: "started", session: null, model: null, family: null };
const text = (said: string): AgentEvent => ({ type: "text", text: said });
const call = (id: string): AgentEvent => ({ type: "tool-call", id, name: "shell" });
const result = (id: string): AgentEvent => ({ type: "tool-result", id });
const retry: AgentEvent = { type: "retry", reason: "HTTP 500" };
const unreadable: AgentEvent = { type: "unreadable", why: "not-json" };
const finished: AgentEvent = { type: "finished", text: "{}" };

type Step = { readonly after: number; readonly event: AgentEvent };

const tool = fc.constantFrom("a", "b", "c");
const anyEvent: fc.Arbitrary<AgentEvent> = fc.oneof(
  fc.constantFrom(started, retry, unreadable),
  fc.constantFrom("one", "two", " ").map(text),
  tool.map(call),
  tool.map(result),
);
const steps = (event: fc.Arbitrary<AgentEvent>, gap: fc.Arbitrary<number>): fc.Arbitrary<Step[]> =>
  fc.array(fc.record({ after: gap, event }), { maxLength: 60 });

/** Lets time pass and events come, looking at the clocks only when they ask for it; the time and clock that ran out first. */
function live(played: readonly Step[], until: number): { at: number; why: string } | undefined {
  let clocks = startClocks(0);
  let now = 0;
  for (const step of [...played, { after: until, event: unreadable }]) {
    const next = now + step.after;
    for (let wake = wakeAt(clocks, limits); wake <= next; wake = wakeAt(clocks, limits)) {
      const why = ranOut(clocks, limits, wake);
      if (why !== undefined) return { at: wake, why };
      expect(isLong(clocks, limits, wake)).toBe(true);
      clocks = sayLong(clocks);
    }
    now = next;
    clocks = heard(clocks, step.event, now);
  }
  return undefined;
}

const from = (events: readonly (readonly [at: number, event: AgentEvent])[]): Clocks =>
  events.reduce((clocks, [at, event]) => heard(clocks, event, at), startClocks(0));

describe("what runs out", () => {
  test("nothing heard: the first-event clock", () => {
    expect(ranOut(startClocks(0), limits, 99)).toBeUndefined();
    expect(ranOut(startClocks(0), limits, 100)).toBe("first-event");
  });

  test("an unreadable line is no first event; a retry is", () => {
    expect(ranOut(from([[50, unreadable]]), limits, 100)).toBe("first-event");
    expect(ranOut(from([[50, retry]]), limits, 100)).toBeUndefined();
  });

  test("no progress: idle, and neither retries nor the same text again hold it off", () => {
    const clocks = from([
      [10, text("thinking")],
      [200, retry],
      [300, text("thinking")],
      [350, { type: "permission-denied", tool: "shell" }],
    ]);
    expect(ranOut(clocks, limits, 409)).toBeUndefined();
    expect(ranOut(clocks, limits, 410)).toBe("idle");
  });

  test("idle stands still while any tool call is open, and begins anew at the last result", () => {
    const open = from([
      [10, call("a")],
      [20, call("b")],
      [900, result("a")],
    ]);
    expect(ranOut(open, limits, 2_900)).toBeUndefined();
    const closed = heard(open, result("b"), 2_000);
    expect(ranOut(closed, limits, 2_399)).toBeUndefined();
    expect(ranOut(closed, limits, 2_400)).toBe("idle");
  });

  test("a tool that never ends meets the hard clock", () => {
    expect(ranOut(from([[10, call("a")]]), limits, 3_000)).toBe("hard");
  });

  test("after its success event an agent has the linger time, past the hard clock too", () => {
    const clocks = from([
      [10, started],
      [350, finished],
    ]);
    expect(ranOut(clocks, limits, 399)).toBeUndefined();
    expect(ranOut(clocks, limits, 400)).toBe("linger");
    expect(ranOut(heard(clocks, started, 390), limits, 400)).toBe("linger");
  });

  test("a further question has a first-event time of its own, within the same hard time", () => {
    const again = nextQuestion(from([[10, finished]]), 2_000);
    expect(ranOut(again, limits, 2_100)).toBe("first-event");
    expect(ranOut(heard(again, started, 2_050), { ...limits, idleMs: 9_000 }, 3_000)).toBe("hard");
  });
});

describe("for all that can be heard", () => {
  test("who shows progress in time is never ended before the hard clock", () => {
    const alive = fc.integer({ min: 0, max: 1e6 }).map((part) => text(`part ${part}`));
    fc.assert(
      fc.property(steps(alive, fc.integer({ min: 1, max: 99 })), (played) => {
        const distinct = played.map((step, index) => ({ ...step, event: text(`part ${index}`) }));
        const total = played.reduce((sum, { after }) => sum + after, 0);
        const end = live(distinct, 0);
        if (end !== undefined) expect(end).toEqual({ at: limits.hardMs, why: "hard" });
        else expect(total).toBeLessThan(limits.hardMs);
      }),
    );
  });

  test("nothing outlives the hard clock, and something always runs out", () => {
    fc.assert(
      fc.property(steps(anyEvent, fc.integer({ min: 0, max: 500 })), (played) => {
        const end = live(played, 10_000);
        expect(end).toBeDefined();
        expect(end?.at).toBeLessThanOrEqual(limits.hardMs);
      }),
    );
  });

  test("unreadable lines change nothing", () => {
    fc.assert(
      fc.property(steps(anyEvent, fc.integer({ min: 0, max: 500 })), fc.nat(59), (played, where) => {
        const noise = { after: 0, event: unreadable };
        const noisy = [...played.slice(0, where), noise, ...played.slice(where)];
        expect(live(noisy, 10_000)).toEqual(live(played, 10_000));
      }),
    );
  });

  test("nothing is due before the time to wake, something is at it", () => {
    fc.assert(
      fc.property(steps(anyEvent, fc.integer({ min: 0, max: 90 })), (played) => {
        let now = 0;
        const clocks = played.reduce((state, { after, event }) => {
          now += after;
          return heard(state, event, now);
        }, startClocks(0));
        const wake = wakeAt(clocks, limits);
        expect(ranOut(clocks, limits, wake - 1) ?? isLong(clocks, limits, wake - 1)).toBe(false);
        expect(ranOut(clocks, limits, wake) !== undefined || isLong(clocks, limits, wake)).toBe(true);
      }),
    );
  });
});
