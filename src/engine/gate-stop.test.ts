import { expect, test } from "vitest";
import type { RunSummary } from "../lifecycle/task.schema.ts";
import { gateStop } from "./gate-stop.ts";
import type { TaskStatus } from "./queries.ts";

type Closed = Readonly<Record<string, readonly string[]>>;

const status = (
  closed: Closed,
  more: { next?: TaskStatus["task"]["next"]; stages?: number; interrupted?: string[] } = {},
): TaskStatus => ({
  task: {
    key: "p/g/t",
    title: "",
    category: "bugfix",
    origin: null,
    fixCycle: null,
    phase: "error-analysis",
    next: more.next ?? null,
    gates: Object.entries(closed).map(([name, needs]) => ({ name, open: needs.length === 0, needs })),
    stages: Array.from({ length: more.stages ?? 0 }, (_, index) => ({
      stageNumber: index + 1,
      title: "",
      state: "done" as const,
      dependsOn: [],
      run: null,
      branch: null,
      headCommit: null,
      merged: true,
    })),
  },
  runs: [],
  clarifications: [],
  left: [],
  interrupted: more.interrupted ?? [],
});

const run = (more: Partial<RunSummary>): RunSummary =>
  ({
    id: "p/g/t@implementation.stage-1#001",
    taskKey: "p/g/t",
    stage: 1,
    outcome: "completed",
    verdict: null,
    ...more,
  }) as RunSummary;

const approval = { "plan approval": ["Approve it"] };
const planning = { taskType: "implementation-planning", why: "" } as const;

test("nothing stops while the next phase can start", () => {
  expect(gateStop(status(approval, { next: planning }), run({}))).toBeNull();
  expect(gateStop(status({}), null)).toBeNull();
});

test("questions stop whatever comes next", () => {
  const open = status({ clarifications: ["Answer C-001"], ...approval }, { next: planning });
  expect(gateStop(open, null)).toEqual({ gate: "clarifications", needs: ["Answer C-001"] });
});

test("a plan waits for approval, verified work for acceptance, accepted work for a choice", () => {
  expect(gateStop(status(approval), run({}))).toEqual({ gate: "plan approval", needs: ["Approve it"] });
  const acceptance = status({ acceptance: ["Accept it"], ...approval }, { stages: 2 });
  expect(gateStop(acceptance, run({ verdict: "conditional-accept" }))?.gate).toBe("acceptance");
  const handoff = status({}, { next: { taskType: "release-handoff", why: "" }, stages: 2 });
  expect(gateStop(handoff, null)?.gate).toBe("hand-off");
});

const row = { title: "", taskType: "error-analysis", why: "", run: "", key: null } as const;

test("parts and candidates wait for a person, until they are tasks", () => {
  const at = (left: TaskStatus["left"], next: TaskStatus["task"]["next"] = planning) => ({
    ...status({}, { next }),
    left,
  });
  const parts = at([
    { ...row, id: "a", kind: "part" },
    { ...row, id: "b", kind: "part" },
  ]);
  expect(gateStop(parts, null)).toMatchObject({
    gate: "fan-out",
    needs: [/okstra followups spawn p\/g\/t$/, /as one/].map(matching),
  });
  const candidates = at([{ ...row, id: "a", kind: "candidate" }]);
  expect(gateStop(candidates, null)).toMatchObject({ gate: "pick", needs: [/--only a$/, /--directive/].map(matching) });
  expect(gateStop(at([{ ...row, id: "a", kind: "part", key: "p/g/a" }], null), null)).toBeNull();
});

const matching = (form: RegExp): unknown => expect.stringMatching(form);

test("a task that another left behind waits for its base until it has a run", () => {
  const of = status({}, { next: planning });
  const child = { ...of, task: { ...of.task, origin: { task: "p/g/parent", baseRef: "main" } } };
  expect(gateStop(child, null)).toMatchObject({ gate: "base", needs: [expect.stringMatching(/--base-ref main$/)] });
  expect(gateStop({ ...child, runs: [run({})] }, null)).toBeNull();
});

test("a run that is stuck is named, also when another stage could go on", () => {
  const more = status({}, { next: { taskType: "implementation", why: "" }, stages: 2 });
  expect(gateStop(more, run({ verdict: "merge-conflict" }))).toEqual({
    gate: "merge-conflict",
    needs: ["Settle the merge of p/g/t@implementation.stage-1#001: okstra integrate p/g/t --stage 1"],
  });
  expect(gateStop(more, run({ outcome: "blocked", reason: "degraded" }))?.gate).toBe("degraded");
  const failure = { message: "Only 1 of 2 workers answered", remedy: "Start the phase again" };
  expect(gateStop(more, run({ outcome: "blocked", reason: "degraded", failure }))).toEqual({
    gate: "degraded",
    needs: [failure.message, failure.remedy],
  });
  expect(gateStop(more, run({ outcome: "failed", reason: "agent-failed" }))).toBeNull();
});

test("an interrupted run is no gate: it is resumed", () => {
  expect(gateStop(status(approval, { interrupted: ["p/g/t@error-analysis#001"] }), null)).toBeNull();
});
