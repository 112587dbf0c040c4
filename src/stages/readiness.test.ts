import { describe, expect, test } from "vitest";
import { chooseStage } from "./index.ts";
import { baseKind, readiness, type StageRecord, type Taken } from "./readiness.ts";
import { mapOf, stageOf } from "./stage.fixture.ts";

const map = mapOf(stageOf(1), stageOf(2, { dependsOn: [1] }), stageOf(3, { dependsOn: [2, 1] }), stageOf(4));
const alive: Taken = { run: "p/g/t@implementation.stage-1#001", since: "2026-01-02T03:04:05Z", alive: true };
const dead: Taken = { ...alive, alive: false };

const choose = (wanted: number | "auto", states: [number, StageRecord][] = [], taken: [number, Taken][] = []) =>
  chooseStage(readiness(map, new Map(states), new Map(taken)), { wanted, task: "p/g/t", taken: new Map(taken) });

const failure = (...given: Parameters<typeof choose>) => {
  const result = choose(...given);
  if (result.ok) throw new Error(`chose stage ${result.value}`);
  return result.error;
};

test("states follow the ledger, the registry and the dependencies", () => {
  const states = new Map<number, StageRecord>([[1, "merge-conflict"]]);
  expect(readiness(map, states, new Map([[4, alive]])).map((one) => [one.state, one.waitsFor])).toEqual([
    ["merge-conflict", []],
    ["blocked", [1]],
    ["blocked", [1, 2]],
    ["active", []],
  ]);
  const record = (own: StageRecord) => readiness(mapOf(stageOf(1)), new Map([[1, own]]), new Map())[0]?.state;
  expect(["started", "done", "verified", "released", "handed-off"].map((own) => record(own as StageRecord))).toEqual([
    "active",
    "done",
    "verified",
    "ready",
    "verified",
  ]);
});

test("a released stage that is taken again is active", () => {
  expect(readiness(mapOf(stageOf(1)), new Map([[1, "released"]]), new Map([[1, alive]]))[0]?.state).toBe("active");
});

describe("auto", () => {
  test("takes the lowest ready stage", () => {
    expect(choose("auto")).toEqual({ ok: true, value: 1 });
    expect(choose("auto", [], [[1, alive]])).toEqual({ ok: true, value: 4 });
    expect(choose("auto", [[1, "done"]], [[4, alive]])).toEqual({ ok: true, value: 2 });
  });
  test("says of each stage what it waits for when nothing is ready", () => {
    const { reason, message, remedy } = failure("auto", [[4, "done"]], [[1, alive]]);
    expect(reason).toBe("no-ready-stage");
    expect(message.split("\n")).toEqual([
      "No stage can start now:",
      `  stage 1 (Part 1): taken by run ${alive.run} since ${alive.since}`,
      `  stage 2 (Part 2): waiting for stage 1 (taken by run ${alive.run} since ${alive.since})`,
      `  stage 3 (Part 3): waiting for stages 1 (taken by run ${alive.run} since ${alive.since}), 2 (waiting itself)`,
    ]);
    expect(remedy).toContain("okstra status p/g/t");
  });
  test("names a stage whose run is dead with the commands that go on with it or free it", () => {
    const { message, remedy } = failure("auto", [[4, "done"]], [[1, dead]]);
    expect(message).toContain("which is no longer running");
    expect(remedy).toBe(`Go on with stage 1 (okstra resume '${dead.run}'), or give it up: okstra cancel '${dead.run}'`);
  });
  test("all done", () => {
    const all = [1, 2, 3, 4].map((stage): [number, StageRecord] => [stage, "done"]);
    expect(failure("auto", all)).toMatchObject({ reason: "no-ready-stage", message: "All stages are done" });
  });
});

describe("a stage by number", () => {
  test("ready", () => expect(choose(4)).toEqual({ ok: true, value: 4 }));
  test("unknown", () =>
    expect(failure(9)).toMatchObject({
      reason: "unknown-stage",
      message: "There is no stage 9; the plan has stages 1 to 4",
    }));
  test("done", () =>
    expect(failure(1, [[1, "done"]])).toMatchObject({
      reason: "stage-done",
      message: "Stage 1 (Part 1) is done already",
    }));
  test("taken", () => {
    expect(failure(1, [[1, "started"]], [[1, alive]])).toMatchObject({
      reason: "stage-taken",
      message: `Stage 1 (Part 1) is taken by run ${alive.run} since ${alive.since}`,
      remedy: expect.stringContaining(`okstra cancel '${alive.run}'`),
    });
  });
  test("taken by a dead run", () => {
    expect(failure(1, [[1, "started"]], [[1, dead]]).remedy).toContain(`okstra cancel '${dead.run}'`);
    const orphan = failure(1, [[1, "started"]]);
    expect(orphan.message).toContain("no run holds it");
    expect(orphan.remedy).toContain("okstra cancel RUN");
  });
  test("waiting", () => {
    expect(failure(3, [[1, "done"]])).toMatchObject({
      reason: "stage-waiting",
      message: "Stage 3 (Part 3) is waiting for stage 2 (ready, not started)",
    });
    expect(failure(2, [[1, "merge-conflict"]]).message).toContain("1 (done, but not merged)");
  });
});

test("the base of a stage", () => {
  expect(baseKind({ dependsOn: [] })).toEqual({ kind: "anchor" });
  expect(baseKind({ dependsOn: [2, 2] })).toEqual({ kind: "single", stage: 2 });
  expect(baseKind({ dependsOn: [3, 1] })).toEqual({ kind: "several", stages: [1, 3] });
});
