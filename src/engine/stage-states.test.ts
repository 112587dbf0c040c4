import { expect, test } from "vitest";
import type { LedgerRow } from "../registry/registry.schema.ts";
import { correctedRow, recordsOf, verifiedRow } from "./stage-states.ts";
import type { World } from "./world.ts";

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

test("that a person accepted a stage's carry stays known when the stage is corrected and verified", async () => {
  const corrected = correctedRow(accepted, by);
  expect(corrected).toMatchObject({ status: "done", head_commit: by.head, source: "accept-carry, reconcile" });
  const verified = verifiedRow(corrected, { run: "r", time: by.time });
  expect(verified).toMatchObject({ status: "verified", source: "accept-carry, verified by r" });
  const nothingThere = { host: { files: { look: async () => undefined } }, home: "/home" } as unknown as World;
  const key = { project: "calc", group: "math", task: "add" };
  for (const row of [accepted, corrected, verified])
    expect([
      ...(await recordsOf(nothingThere, { projectRoot: "/p", key, states: new Map([[2, row]]), runs: [] })),
    ]).toEqual([[2, "unmerged"]]);
});

test("a stage that okstra built is corrected by reconcile alone", () => {
  expect(correctedRow({ ...accepted, source: "carry-backfill" }, by).source).toBe("reconcile");
});
