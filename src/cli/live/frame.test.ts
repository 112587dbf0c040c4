/** Frames as people see them, and what holds for every frame. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { assertGolden } from "../../../test/golden.ts";
import type { JournalEvent } from "../../model/index.ts";
import { ansiPaint, noPaint } from "../paint.ts";
import { widthOf } from "../text.ts";
import { frameOf, type Look } from "./frame.ts";
import { fold, type KnownStage, openState } from "./state.ts";
import {
  answered,
  anyStory,
  asked,
  begun,
  ended,
  plan,
  runOf,
  said,
  started,
  step,
  story,
  task,
  use,
} from "./story.fixture.ts";

const look = (columns: number, rows: number, seconds: number): Look => ({
  columns,
  rows,
  now: begun + seconds * 1000,
  paint: noPaint,
  final: false,
});

const frame = (of: { title: string; stages: readonly KnownStage[]; events: readonly JournalEvent[] }, at: Look) =>
  frameOf(of.events.reduce(fold, openState(of.title, begun, of.stages)), at);

const stages: KnownStage[] = [
  { stageNumber: 1, title: "The discount of the whole order", dependsOn: [], state: "done" },
  { stageNumber: 2, title: "VAT of the net sum of each rate", dependsOn: [], state: "ready" },
  { stageNumber: 3, title: "総額の計算を一か所にまとめる", dependsOn: [1], state: "ready" },
  { stageNumber: 4, title: "A total that adds up", dependsOn: [2, 3], state: "blocked" },
  { stageNumber: 5, title: "Words for the reader", dependsOn: [1], state: "ready" },
];
const events = story(
  [1, runOf(2), started],
  [1, runOf(2), said("phase-1-intake", runOf(2))],
  [2, runOf(3), started],
  [2, runOf(2), step("dispatch")],
  [3, runOf(2), asked("claude", "executor", "execute")],
  [3, runOf(3), step("dispatch")],
  [4, runOf(3), asked("codex", "executor", "execute")],
  [62, runOf(2), answered("claude", "executor", { ms: 59_000, use: use(47_200, 0.31) })],
  [70, runOf(2), said("phase-7-check", 'test "npm test" passed')],
  [71, runOf(2), asked("claude", "verifier", "verify", 0)],
  [71, runOf(2), asked("codex", "verifier", "verify", 0)],
  [
    90,
    runOf(2),
    answered("codex", "verifier", { ms: 19_000, failed: "idle: no sign of progress for 8 min", round: 0 }),
  ],
  [91, runOf(2), said("phase-5-collect", "worker=codex verifier status=timeout \u001b[31mverdict=none")],
);
const implementing = { title: `implement ${task}`, stages, events };
const end = story(
  [100, runOf(2), answered("claude", "verifier", { ms: 29_000, use: use(12_000, 0.04), round: 0 })],
  [101, runOf(2), ended("completed", "merged")],
  [110, runOf(3), ended("failed")],
);
const study = {
  title: `error-analysis ${task}`,
  stages: [],
  events: story(
    [0, `${task}@error-analysis#001`, started],
    [1, `${task}@error-analysis#001`, asked("claude", "analyser", "blind")],
    [1, `${task}@error-analysis#001`, asked("codex", "analyser", "blind")],
    [9, `${task}@error-analysis#001`, answered("codex", "analyser", { ms: 8_000, use: use(900) })],
    [9, `${task}@error-analysis#001`, said("phase-5-collect", "worker=codex status=completed")],
  ),
};
const many = {
  title: `implement ${task}`,
  stages: plan(130),
  events: story(
    ...Array.from({ length: 9 }, (_, n) => [
      [n, runOf(n + 1), started] as const,
      [n, runOf(n + 1), asked("claude", "executor", "execute")] as const,
      ...(n < 5 ? ([[n + 20, runOf(n + 1), ended("completed", "merged")]] as const) : []),
    ]).flat(),
  ),
};

test("what people see, in terminals of several sizes", () => {
  const shown = (name: string, lines: readonly string[]) => `== ${name}\n${lines.join("\n")}\n`;
  const final = { ...implementing, events: [...events, ...end] };
  assertGolden(
    "cli/live.txt",
    [
      shown("100 x 30", frame(implementing, look(100, 29, 95))),
      shown("60 x 16", frame(implementing, look(60, 15, 95))),
      shown("40 x 10", frame(implementing, look(40, 9, 95))),
      shown("24 x 5", frame(implementing, look(24, 4, 95))),
      shown("130 stages, 80 x 24", frame(many, look(80, 23, 30))),
      shown("130 stages, 40 x 10", frame(many, look(40, 9, 30))),
      shown("one run, 80 x 24", frame(study, look(80, 23, 12))),
      shown("one run, 40 x 10", frame(study, look(40, 9, 12))),
      shown("before the first run", frame({ ...implementing, events: [] }, look(80, 23, 3))),
      shown("the end", frame(final, { ...look(100, 0, 200), final: true })),
      shown(
        "held by others",
        frame(
          {
            ...implementing,
            events: [],
            stages: stages.map((stage, n) => (n < 2 ? { ...stage, state: "active", interrupted: n === 1 } : stage)),
          },
          look(80, 23, 3),
        ),
      ),
      shown("stopped", frame(implementing, { ...look(100, 0, 96), final: true })),
    ].join("\n"),
  );
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character starts a colour code
const colourCodes = /\u001b\[\d+m/g;

test("colours change nothing but the colour", () => {
  const plain = frame(implementing, look(70, 20, 95));
  const painted = frame(implementing, { ...look(70, 20, 95), paint: ansiPaint });
  expect(painted).not.toEqual(plain);
  expect(painted.map((line) => line.replace(colourCodes, ""))).toEqual(plain);
});

test("no frame is wider or higher than its terminal, none holds anything that the terminal would obey", () => {
  fc.assert(
    fc.property(anyStory, fc.integer({ min: 1, max: 130 }), fc.integer({ min: 1, max: 40 }), (of, columns, rows) => {
      const lines = frame(of, look(columns, rows, 100));
      expect(lines.length).toBeLessThanOrEqual(rows);
      for (const line of lines) {
        expect(widthOf(line)).toBeLessThanOrEqual(columns);
        expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      }
      const last = frame(of, { ...look(columns, 0, 100), final: true });
      for (const line of last) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    }),
  );
});

test("what is worked on is shown before what waits, and everything is counted", () => {
  for (const rows of [6, 9, 15, 23, 60]) {
    const lines = frame(many, look(80, rows, 30));
    const stagesShown = lines.filter((line) => /^ {2}\S +\d+ Part/.test(line)).length;
    const counted = [...(lines.find((line) => line.startsWith("  and "))?.matchAll(/\d+/g) ?? [])];
    expect(stagesShown + counted.reduce((all, [count]) => all + Number(count), 0)).toBe(130);
    expect(lines.filter((line) => line.includes("writing code")).length).toBeGreaterThanOrEqual(Math.min(3, rows - 3));
  }
});
