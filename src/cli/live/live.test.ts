/** The whole view over a clock and a terminal in memory: when it draws, and what stays. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Clock } from "../../host/index.ts";
import type { JournalEvent } from "../../model/index.ts";
import { noPaint } from "../paint.ts";
import { widthOf } from "../text.ts";
import { openView } from "./index.ts";
import type { KnownStage } from "./state.ts";
import { anyStory, asked, begun, plan, runOf, said, started, story, task } from "./story.fixture.ts";
import { fakeTerminal } from "./terminal.fixture.ts";

/** A clock that stands still until it is moved. */
function fakeClock(): Clock & { move(ms: number): void } {
  let now = 0;
  const waiting = new Map<object, { readonly at: number; readonly call: () => void }>();
  const next = () => [...waiting].sort(([, a], [, b]) => a.at - b.at)[0];
  return {
    now: () => begun + now,
    monotonic: () => now,
    after(ms, call) {
      const id = {};
      waiting.set(id, { at: now + ms, call });
      return () => waiting.delete(id);
    },
    move(ms) {
      const until = now + ms;
      for (let due = next(); due !== undefined && due[1].at <= until; due = next()) {
        waiting.delete(due[0]);
        now = Math.max(now, due[1].at);
        due[1].call();
      }
      now = until;
    },
  };
}

function opened(stages: readonly KnownStage[], { columns = 80, rows = 24, title = `implement ${task}` } = {}) {
  const terminal = fakeTerminal(columns, rows, widthOf);
  const clock = fakeClock();
  const plain: string[] = [];
  const otherwise = {
    listen: (event: JournalEvent) => plain.push(event.type),
    say: (line: string) => plain.push(line),
  };
  const view = openView({ canvas: terminal, clock, paint: noPaint, title, stages, otherwise });
  return { terminal, clock, view, plain };
}

test("nothing is drawn for a command that fails at once, and nothing is left", () => {
  const { terminal, clock, view } = opened(plan(3));
  clock.move(99);
  view.close();
  clock.move(5_000);
  expect(terminal.writes).toEqual([]);
});

test("at most ten frames a second however much happens, one a second when nothing does, none after the end", () => {
  const { terminal, clock, view } = opened(plan(3));
  view.listen(...(story([0, runOf(1), started]) as [JournalEvent]));
  for (let ms = 0; ms < 3_000; ms += 1) {
    clock.move(1);
    for (const event of story([ms / 1000, runOf(1), said("point", String(ms))])) view.listen(event);
  }
  expect(terminal.writes.length).toBeGreaterThan(20);
  expect(terminal.writes.length).toBeLessThanOrEqual(30);
  clock.move(1_000);
  const busy = terminal.writes.length;
  clock.move(10_000);
  expect(terminal.writes.length - busy).toBe(10);
  view.close();
  const last = terminal.writes.length;
  clock.move(10_000);
  for (const event of story([20, runOf(1), said("point", "late")])) view.listen(event);
  expect(terminal.writes.length).toBe(last);
});

test("a line that others write stands above the frame and stays; the frame comes back", () => {
  const { terminal, clock, view } = opened(plan(1));
  for (const event of story([0, runOf(1), started], [0, runOf(1), asked("claude", "executor", "execute")]))
    view.listen(event);
  clock.move(150);
  const before = terminal.lines();
  terminal.print("Waiting for somebody\n");
  expect(terminal.lines()).toEqual(["Waiting for somebody", ...before]);
  view.close();
  expect(terminal.lines()[0]).toBe("Waiting for somebody");
  expect(terminal.lines().some((line) => line.includes("stopped"))).toBe(true);
});

test("a terminal that changes its size gets a frame that fits", () => {
  const { terminal, clock, view } = opened(plan(40));
  for (const event of story([0, runOf(1), started], [0, runOf(1), said("a", "long ".repeat(30))])) view.listen(event);
  clock.move(500);
  expect(terminal.lines().length).toBe(23);
  terminal.resize(30, 9);
  terminal.tell("resized");
  clock.move(200);
  const frame = terminal.lines().slice(-8);
  expect(frame[0]).toMatch(/total {2}0\/40 done/);
  for (const line of frame) expect(widthOf(line)).toBeLessThanOrEqual(30);
});

test("a fault of the view ends the view, not the run", () => {
  const { clock, view, plain } = opened([]);
  const [event] = story([0, runOf(1), started]);
  if (event === undefined) throw new Error("no event");
  view.listen({ ...event, time: null as never, type: "progress", data: null as never });
  view.listen(event);
  clock.move(2_000);
  view.close();
  expect(plain).toEqual([expect.stringContaining("The live view failed"), "run.started"]);
});

test("the same events at the same times leave the same screen, however they arrive", () => {
  fc.assert(
    fc.property(anyStory, fc.array(fc.nat(400), { maxLength: 40 }), (of, pauses) => {
      const shown = (pausing: readonly number[]): readonly string[] => {
        const { terminal, clock, view } = opened(of.stages, { title: of.title });
        let passed = 0;
        of.events.forEach((event, index) => {
          clock.move(pausing[index] ?? 0);
          passed += pausing[index] ?? 0;
          view.listen(event);
        });
        clock.move(20_000 - passed);
        return terminal.lines();
      };
      expect(shown(pauses)).toEqual(shown([]));
    }),
    { numRuns: 15 },
  );
});
