import { expect, test } from "vitest";
import { assertGolden } from "../../test/golden.ts";
import type { JournalEvent, RunEvent } from "../model/index.ts";
import { eventLine } from "./event-line.ts";
import { noPaint } from "./paint.ts";

const usage = { input: 1000, cachedInput: 0, cacheWrite: 0, output: 100, reasoning: 0, costUsd: 0.25 };
const done = {
  name: "claude-analyser",
  status: "completed",
  reason: null,
  sha256: "ab",
  modelServed: "opus",
  family: "anthropic",
  session: null,
  usage,
  durationMs: 2_345,
  reasks: 1,
} as const;
const identity = { name: "claude-analyser", worker: "claude", role: "analyser", round: null, attempt: 1 };

/** One of each type. */
const each: readonly RunEvent[] = [
  { type: "run.prepared", data: { run: "p/g/t@error-analysis#001", invocation: {}, manifestSha256: "ab" } },
  {
    type: "run.started",
    data: { pid: 77, startTime: "1", bootId: "b", resumed: false, reused: [], again: [] },
  },
  { type: "step.started", data: { step: "intake" } },
  { type: "step.completed", data: { step: "intake" } },
  { type: "step.skipped", data: { step: "critique", why: "no critic is rostered" } },
  { type: "fact", data: { key: "reviewed", value: { commit: "abc" } } },
  { type: "progress", data: { point: "phase-4-dispatch", text: "worker=claude model=opus" } },
  {
    type: "dispatch.intended",
    data: { ...identity, purpose: "execute", head: null, tree: null, promptHash: "", mark: "m", writes: true },
  },
  { type: "dispatch.spawned", data: { name: "claude-analyser", pid: 78, startTime: "2" } },
  { type: "dispatch.done", data: done },
  {
    type: "dispatch.done",
    data: { ...done, status: "error", reason: "exit-3: it fell over", usage: null, modelServed: null, reasks: 0 },
  },
  { type: "step.failed", data: { step: "dispatch", reason: "agent-failed", message: "nobody answered" } },
  { type: "carry.written", data: { stage: 2, path: "runs/carry.json", sha256: "ab", head: "0123456789abcdef" } },
  { type: "merge.intended", data: { stage: 2, head: "0123456789abcdef", taskHead: "fedcba9876543210" } },
  { type: "merge.done", data: { stage: 2, state: "merge-conflict", commit: null, files: ["a.js", "b.js"] } },
  { type: "run.blocked", data: { reason: "degraded", message: "one worker of two answered" } },
  {
    type: "run.started",
    data: { pid: 79, startTime: "3", bootId: "b", resumed: true, reused: ["claude-analyser"], again: [] },
  },
  { type: "repaired", data: { sha256: "ab", bytes: 17 } },
  {
    type: "run.ended",
    data: {
      outcome: "blocked",
      reason: "degraded",
      verdict: null,
      message: "one worker of two",
      remedy: "start it again",
      artifacts: [],
    },
  },
];

const placed = (event: RunEvent, index: number): JournalEvent => ({
  ...event,
  run: "p/g/t@error-analysis#001",
  line: index + 1,
  time: `2026-11-21T04:00:${String(index).padStart(2, "0")}.000Z`,
});

test("each event is one line", () => {
  const lines = each.map((event, index) => eventLine(placed(event, index), noPaint));
  assertGolden("cli/logs.txt", `${lines.join("\n")}\n`);
});

test("what an agent said can neither move the cursor nor add a line", () => {
  const event: RunEvent = {
    type: "step.failed",
    data: { step: "dispatch", reason: "agent-failed", message: "\u001b[2J\nrun.ended  completed\u202e" },
  };
  expect(eventLine(placed(event, 0), noPaint)).toBe(
    "04:00:00.000  step.failed        dispatch: agent-failed: ⟨U+001B⟩[2J run.ended completed⟨U+202E⟩",
  );
});

test("a type that this okstra does not know is shown with its data", () => {
  const newer = { ...placed({ type: "step.started", data: { step: "x" } }, 0), type: "step.paused" } as never;
  expect(eventLine(newer, noPaint)).toContain('step.paused        {"step":"x"}');
});
