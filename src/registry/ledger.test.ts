import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type TestFolder, testFolder } from "../../test/folder.ts";
import { race } from "../../test/race.ts";
import { commitOf, rowOf } from "../../test/workers/registry-rows.ts";
import { taskPaths } from "../lifecycle/index.ts";
import { take } from "../model/index.ts";
import { appendLedger, readLedger, stageStates, type TaskPlace } from "./index.ts";
import type { LedgerRow } from "./registry.schema.ts";

const key = { project: "Shop", group: "Q3", task: "Cart" };
const plan = "a".repeat(64);
const placeOf = (rig: TestFolder): TaskPlace => ({ host: rig.host, home: rig.home, projectRoot: rig.root, key });
const pathOf = (rig: TestFolder): string => taskPaths(rig.root, key).ledger;
const append = async (rig: TestFolder, row: Partial<LedgerRow>) =>
  take(await appendLedger(rig.host, placeOf(rig), rowOf(row)));
const read = async (rig: TestFolder) => take(await readLedger(rig.host, placeOf(rig)));
const write = (rig: TestFolder, text: string): void => {
  mkdirSync(dirname(pathOf(rig)), { recursive: true });
  writeFileSync(pathOf(rig), text);
};

test("without a file there are no rows; a row said twice stands once; a correction is a row of its own", async () => {
  using rig = testFolder();
  expect(await read(rig)).toEqual([]);
  expect(await append(rig, {})).toBe(true);
  expect(await append(rig, { source: "again", started_at: "2027-01-01T00:00:00Z" })).toBe(false);
  expect(await append(rig, { status: "done", head_commit: commitOf(2) })).toBe(true);
  expect(await append(rig, { status: "done", head_commit: commitOf(3), source: "reconcile" })).toBe(true);
  expect(await append(rig, { status: "done", head_commit: commitOf(3) })).toBe(false);
  expect(await append(rig, { status: "done", head_commit: commitOf(2), source: "back again" })).toBe(true);
  const rows = await read(rig);
  expect(rows.map((row) => `${row.status} ${Number.parseInt(row.head_commit, 16)}`)).toEqual([
    "started 1",
    "done 2",
    "done 3",
    "done 2",
  ]);
  expect(stageStates(rows, plan, 0).get(1)?.source).toBe("back again");
});

test("a torn last row never was; the next writer names it and loses no other", async () => {
  using rig = testFolder();
  await append(rig, { stage: 1 });
  await append(rig, { stage: 2 });
  const whole = readFileSync(pathOf(rig));
  for (const cut of [1, 2, 40, whole.length / 2 - 1]) {
    writeFileSync(pathOf(rig), whole);
    truncateSync(pathOf(rig), whole.length - cut);
    expect((await read(rig)).map((row) => row.stage)).toEqual([1]);
    expect(await append(rig, { stage: 2 })).toBe(true);
    expect((await read(rig)).map((row) => row.stage)).toEqual([1, 2]);
    expect(readFileSync(pathOf(rig), "utf8").match(/"repaired"/g)).toHaveLength(1);
  }
  appendFileSync(pathOf(rig), '{"schemaVersion":1,"impl');
  await append(rig, { stage: 3 });
  expect((await read(rig)).map((row) => row.stage)).toEqual([1, 2, 3]);
});

test("any other bad row is a fault with its line, and nothing is appended behind it", async () => {
  using rig = testFolder();
  const good = JSON.stringify(rowOf({}));
  const cases: [string, number, string][] = [
    [`${good}\n{"stage":\n${good}\n`, 2, "malformed"],
    [`${good}\n${good.replace('"attempt":1', '"attempt":0')}\n`, 2, "malformed"],
    [`${good}\n${good.replace('"attempt"', '"atempt"')}\n${good}\n`, 2, "malformed"],
    [`\n${good}\n`, 1, "malformed"],
    [`${good}\ngarbage\n{"schemaVersion":1,"repaired":{"sha256":"00","bytes":7}}\n`, 2, "malformed"],
    [`${good}\n${good.replace('"schemaVersion":1', '"schemaVersion":2')}\n`, 2, "newer-version"],
  ];
  for (const [text, line, reason] of cases) {
    write(rig, text);
    const refused = await readLedger(rig.host, placeOf(rig));
    expect(refused).toMatchObject({ ok: false, error: { reason } });
    expect(refused.ok ? "" : refused.error.message).toContain(`${pathOf(rig)}:${line} `);
    expect(await appendLedger(rig.host, placeOf(rig), rowOf({ stage: 7 }))).toMatchObject({ ok: false });
    expect(readFileSync(pathOf(rig), "utf8")).toBe(text);
  }
});

test("the state of a stage is its newest row of this plan and cycle", () => {
  const aRow = fc
    .record({
      stage: fc.integer({ min: 1, max: 3 }),
      status: fc.constantFrom("started", "done", "verified", "released", "handed-off"),
      plan: fc.constantFrom(plan, "b".repeat(64)),
      cycle: fc.integer({ min: 0, max: 1 }),
      attempt: fc.integer({ min: 1, max: 2 }),
    })
    .map((row) => rowOf(row as Partial<LedgerRow>));
  fc.assert(
    fc.property(fc.array(aRow), (rows) => {
      const states = stageStates(rows, plan, 1);
      for (const stage of [1, 2, 3]) {
        const own = rows.filter((row) => row.stage === stage && row.plan === plan && row.cycle === 1);
        expect(states.get(stage)).toBe(own[own.length - 1]);
      }
      expect(states.size).toBeLessThanOrEqual(3);
    }),
  );
});

test("eight processes at once lose nothing and double nothing", async () => {
  using rig = testFolder();
  const workers = ["1", "2", "3", "4", "5", "6", "7", "8"];
  await race(
    "registry",
    workers.map((self) => [self === "7" || self === "8" ? "same" : "ledger", rig.home, rig.root, self, "15"]),
  );
  const seen = (await read(rig)).map((row) => `${row.stage}/${row.attempt}`);
  const own = ["1", "2", "3", "4", "5", "6"].flatMap((self) =>
    Array.from({ length: 15 }, (_, index) => `${self}/${index + 1}`),
  );
  const both = Array.from({ length: 15 }, (_, index) => `${index + 1}/1`);
  expect(seen.toSorted()).toEqual([...new Set([...own, ...both])].sort());
  // Each writer's own rows come in the order it wrote them.
  for (const self of ["1", "4"])
    expect(seen.filter((row) => row.startsWith(`${self}/`) && row !== `${self}/1`)).toEqual(
      own.filter((row) => row.startsWith(`${self}/`) && row !== `${self}/1`),
    );
});
