import { expect, test } from "vitest";
import type { RunEvent } from "../model/index.ts";
import { progressListener } from "./progress.ts";

function told(...events: readonly [run: string, event: RunEvent][]): string[] {
  const lines: string[] = [];
  const listen = progressListener((line) => lines.push(line));
  events.forEach(([run, event], index) => {
    listen({ ...event, run, line: index + 1, time: "2026-11-21T04:00:00.000Z" });
  });
  return lines;
}

const progress = (point: string, text: string): RunEvent => ({ type: "progress", data: { point, text } });
const started = (resumed = false): RunEvent => ({
  type: "run.started",
  data: { pid: 1, startTime: "1", bootId: "b", resumed, reused: resumed ? ["a"] : [], again: [] },
});
const ended: RunEvent = {
  type: "run.ended",
  data: { outcome: "completed", reason: null, verdict: null, message: "", artifacts: [] },
};

test("one run tells its points plainly, text of others made visible", () => {
  expect(told(["r1", started()], ["r1", progress("phase-1-intake", "a\u001b[31mb\nc")])).toEqual([
    "PROGRESS: phase-1-intake a⟨U+001B⟩[31mb c",
  ]);
});

test("runs side by side are told apart, as long as there is more than one", () => {
  const lines = told(
    ["r1", started()],
    ["r1", progress("a", "1")],
    ["r2", started()],
    ["r2", progress("b", "2")],
    ["r1", progress("c", "3")],
    ["r1", ended],
    ["r2", progress("d", "4")],
  );
  expect(lines).toEqual(["PROGRESS: a 1", "[r2] PROGRESS: b 2", "[r1] PROGRESS: c 3", "PROGRESS: d 4"]);
});

test("a resumed run says what it takes over and what it does again", () => {
  expect(told(["r1", started(true)])).toEqual(["PROGRESS: resume reused=a again=none"]);
});
