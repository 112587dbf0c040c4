import { expect, test } from "vitest";
import type { FailureKind } from "../agents/index.ts";
import type { DispatchStatus, EventData, TokenUse } from "../model/index.ts";
import { compared, counted, whyWithoutCost } from "./counted.ts";

const use: TokenUse = { input: 100, cachedInput: 20, cacheWrite: 3, output: 40, reasoning: 5, costUsd: 0.5 };
const log: TokenUse = { ...use, costUsd: null };
const ended = (status: DispatchStatus, kind: FailureKind | null, usage: TokenUse | null) => ({
  status,
  usage,
  failure: kind === null ? null : { kind, message: "said so" },
});
const done = (more: Partial<EventData["dispatch.done"]>): EventData["dispatch.done"] => ({
  ...{ name: "codex-analyser", status: "completed", reason: null, sha256: null, modelServed: null, family: "openai" },
  ...{ session: "s", usage: null, durationMs: 1, reasks: 0 },
  ...more,
});

test("both say the same: nothing to tell, whether or not they tell thoughts from output", () => {
  const apart = { ...log, output: 45, reasoning: 0 };
  for (const logged of [log, apart])
    expect(counted(ended("completed", null, use), logged)).toMatchObject({ usage: use, fromLog: false, note: null });
  expect(counted(ended("completed", null, use), null)).toMatchObject({ usage: use, logged: null, note: null });
  expect(compared(done({ usage: use, logged: apart }))).toBeNull();
  expect(compared(done({ usage: use }))).toBeNull();
});

test("they differ: the stream counts, and both are shown", () => {
  const less = { ...log, input: 90 };
  const { usage, note } = counted(ended("completed", null, use), less);
  expect(usage).toBe(use);
  expect(note).toBe(
    "its stream and its session log do not agree on what it used: 100 in, 20 cached, 3 written to the cache, 45 out and 90 in, 20 cached, 3 written to the cache, 45 out; the stream counts",
  );
  expect(compared(done({ usage: use, logged: less }))).toMatchObject({ stream: use, log: less, counts: "stream" });
});

test.each([
  ["completed", null],
  ["error", "auth"],
  ["error", "quota"],
  ["error", "deterministic"],
] as const)("%s (%s) without a word of it in the stream: the log counts", (status, kind) => {
  const { usage, fromLog, note } = counted(ended(status, kind, null), log);
  expect({ usage, fromLog }).toEqual({ usage: log, fromLog: true });
  expect(note).toMatch(/^its stream did not say what it used: by its session log 100 in/);
  expect(compared(done({ usage: log, logged: log, fromLog: true }))).toMatchObject({ stream: null, counts: "log" });
});

test.each([
  ["timeout", "transient"],
  ["error", "transient"],
  ["error", "unknown"],
] as const)("%s (%s): a call may have been cut off, so it stays unknown and is told as the least", (status, kind) => {
  const { usage, fromLog, note } = counted(ended(status, kind, null), log);
  expect({ usage, fromLog }).toEqual({ usage: null, fromLog: false });
  expect(note).toContain("it is not known what it used; by its session log 100 in");
  expect(compared(done({ usage: null, logged: log }))).toMatchObject({ stream: null, counts: "neither" });
});

test("a model without a price is said, and so is a price that does not hold", () => {
  const codex = { worker: "codex", agent: "codex" };
  const why = (model: string, costUsd: number | null = null, spec = codex) =>
    whyWithoutCost(spec, { ...use, costUsd }, { model, own: {} });
  expect(why("gpt-9")).toBe(
    "codex worked with gpt-9, which has no price: its tokens count, its cost is unknown (prices in the settings)",
  );
  expect(why("gpt-5.5")).toMatch(/^what codex cost with gpt-5.5 is unknown: its price does not hold/);
  expect(why("gpt-9", 1)).toBeNull();
  expect(
    whyWithoutCost(
      codex,
      { ...log, input: 0, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 },
      { model: "gpt-9", own: {} },
    ),
  ).toBeNull();
  expect(why("scripted", null, { worker: "codex", agent: "scripted:a.yaml" })).toBeNull();
});
