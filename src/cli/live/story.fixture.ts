/** Stories for the tests of the live view: events as journals hold them, and stages as a plan has them. */
import fc from "fast-check";
import type { JournalEvent, RunEvent, TokenUse } from "../../model/index.ts";
import type { KnownStage } from "./state.ts";

export const begun = Date.parse("2026-11-21T04:00:00.000Z");
export const task = "shop/checkout/total";
export const runOf = (stage: number): string => `${task}@implementation.stage-${stage}#001`;

type At = readonly [seconds: number, run: string, event: RunEvent];

export const story = (...told: readonly At[]): JournalEvent[] =>
  told.map(([seconds, run, event], index) => ({
    ...event,
    run,
    line: index + 1,
    time: new Date(begun + seconds * 1000).toISOString(),
  }));

export const started: RunEvent = {
  type: "run.started",
  data: { pid: 1, startTime: "1", bootId: "b", resumed: false, reused: [], again: [] },
};
export const step = (name: string): RunEvent => ({ type: "step.started", data: { step: name } });
export const said = (point: string, text: string): RunEvent => ({ type: "progress", data: { point, text } });

export const asked = (worker: string, role: string, purpose: string, round: number | null = null): RunEvent => ({
  type: "dispatch.intended",
  data: {
    name: nameOf(worker, role, round),
    worker,
    role,
    purpose,
    round,
    attempt: 1,
    head: null,
    tree: null,
    promptHash: "",
    mark: "",
    writes: false,
  },
});

type Answer = { readonly ms: number; readonly use?: TokenUse; readonly failed?: string; readonly round?: number };

export const answered = (worker: string, role: string, { ms, use, failed, round }: Answer): RunEvent => ({
  type: "dispatch.done",
  data: {
    name: nameOf(worker, role, round ?? null),
    status: failed === undefined ? "completed" : "timeout",
    reason: failed ?? null,
    sha256: null,
    modelServed: null,
    family: "f",
    session: null,
    usage: use ?? null,
    durationMs: ms,
    reasks: 0,
  },
});

const nameOf = (worker: string, role: string, round: number | null): string =>
  `${worker}-${role}${round === null ? "" : `-r${round}`}`;

export const use = (input: number, costUsd: number | null = null): TokenUse => ({
  input,
  cachedInput: 0,
  cacheWrite: 0,
  output: 0,
  reasoning: 0,
  costUsd,
});

export const ended = (
  outcome: "completed" | "failed" | "blocked" = "completed",
  verdict: string | null = null,
): RunEvent => ({
  type: "run.ended",
  data: { outcome, reason: outcome === "failed" ? "agent-failed" : null, verdict, message: "", artifacts: [] },
});

/** A chain of pairs: stages 2n and 2n+1 build on stage n. */
export const plan = (count: number, title = (n: number): string => `Part ${n} of the whole`): KnownStage[] =>
  Array.from({ length: count }, (_, index) => {
    const n = index + 1;
    const dependsOn = n === 1 ? [] : [Math.floor(n / 2)];
    return { stageNumber: n, title: title(n), dependsOn, state: n === 1 ? "ready" : "blocked" };
  });

/** Texts that would harm a terminal, or that it draws wide. */
const hostile = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ maxLength: 40, unit: "binary" }),
  fc.constantFrom(
    "\u001b[2J\u001b[31mred",
    "a\nb\r\u0007",
    "\u202eabc",
    "総額の計算を直す処理",
    "합계를 고친다",
    "👨‍👩‍👧 ❤️ ✅",
    "",
  ),
);

const anyEvent = (stages: number): fc.Arbitrary<readonly [string, RunEvent]> =>
  fc.tuple(
    fc.oneof(fc.integer({ min: 1, max: stages + 1 }).map(runOf), fc.constantFrom(`${task}@error-analysis#001`)),
    fc.oneof(
      fc.constant(started),
      hostile.map(step),
      fc.tuple(hostile, hostile).map(([point, text]) => said(point, text)),
      fc
        .tuple(fc.constantFrom("claude", "codex", "総額"), hostile, hostile)
        .map(([worker, role, purpose]) => asked(worker, role, purpose)),
      fc
        .tuple(fc.constantFrom("claude", "codex", "総額"), hostile, fc.nat(10_000_000))
        .map(([worker, role, ms]) => answered(worker, role, { ms, use: use(ms, ms / 1e5), failed: "idle" })),
      fc.constantFrom(ended(), ended("failed"), ended("blocked"), ended("completed", "merge-conflict")),
    ),
  );

export type AnyStory = { readonly title: string; readonly stages: KnownStage[]; readonly events: JournalEvent[] };

export const anyStory: fc.Arbitrary<AnyStory> = fc
  .tuple(hostile, fc.integer({ min: 0, max: 60 }), hostile)
  .chain(([title, count, name]) =>
    fc.array(fc.tuple(fc.nat(5), anyEvent(Math.max(1, count))), { maxLength: 40 }).map((gaps) => {
      let seconds = 0;
      const told = gaps.map(([gap, [run, event]]): At => {
        seconds += gap;
        return [seconds, run, event];
      });
      return { title, stages: plan(count, () => name), events: story(...told) };
    }),
  );
