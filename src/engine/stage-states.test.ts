import { expect, test } from "vitest";
import { testFolder } from "../../test/folder.ts";
import { worldOf } from "../../test/world-of.ts";
import type { LedgerRow } from "../registry/registry.schema.ts";
import { readiness } from "../stages/index.ts";
import { correctedRow, handedOffRow, recordsOf, verifiedRow } from "./stage-states.ts";

const accepted: LedgerRow = {
  schemaVersion: 1,
  impl_task_key: "calc/math/add",
  stage: 2,
  status: "done",
  plan: "p",
  cycle: 0,
  attempt: 1,
  started_at: "2026-11-01T10:00:00.000Z",
  head_commit: "a".repeat(40),
  carry_path: null,
  run: "accepted by a person",
  source: "accept-carry",
  machine: "here",
};
const by = { head: "b".repeat(40), time: "2026-11-02T10:00:00.000Z", machine: "there" };

test("that a person accepted a stage's carry stays known when the stage is corrected, verified and handed over", async () => {
  const corrected = correctedRow(accepted, by);
  expect(corrected).toMatchObject({ status: "done", head_commit: by.head, source: "accept-carry, reconcile" });
  const verified = verifiedRow(corrected, { run: "r", time: by.time });
  expect(verified).toMatchObject({ status: "verified", source: "accept-carry, verified by r" });
  const handedOff = handedOffRow(verified, { run: "h", time: by.time });
  expect(handedOff).toMatchObject({ status: "handed-off", source: "accept-carry, handed over by h" });
  using rig = testFolder();
  const nothingThere = worldOf(rig.host, rig.home);
  const key = { project: "calc", group: "math", task: "add" };
  for (const row of [accepted, corrected, verified, handedOff])
    expect([
      ...(await recordsOf(nothingThere, { projectRoot: "/p", key, states: new Map([[2, row]]), runs: [] })),
    ]).toEqual([[2, "unmerged"]]);
});

test("a stage that okstra built is corrected by reconcile alone", () => {
  expect(correctedRow({ ...accepted, source: "carry-backfill" }, by).source).toBe("reconcile");
});

test("a stage that was handed over is verified still, and once it is corrected, done", async () => {
  const built: LedgerRow = { ...accepted, run: "calc/math/add@implementation.stage-2#001", source: "engine" };
  const handedOff = handedOffRow(built, { run: "h", time: by.time });
  using rig = testFolder();
  const nothingThere = worldOf(rig.host, rig.home);
  const stages = [{ stageNumber: 2, title: "two", dependsOn: [] }];
  for (const [row, state] of [
    [handedOff, "verified"],
    [correctedRow(handedOff, by), "done"],
  ] as const) {
    const at = { projectRoot: "/p", key: { project: "calc", group: "math", task: "add" }, states: new Map([[2, row]]) };
    const records = await recordsOf(nothingThere, { ...at, runs: [] });
    expect(readiness({ stages }, records, new Map())[0]?.state).toBe(state);
  }
});
