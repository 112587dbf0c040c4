import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestFolder, testFolder } from "../../test/folder.ts";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import { rowOf } from "../../test/workers/registry-rows.ts";
import { taskPaths } from "../lifecycle/index.ts";
import { take } from "../model/index.ts";
import {
  appendLedger,
  backfillLedger,
  readCarry,
  readLedger,
  setOldCarriesAside,
  setUnprovenAside,
  type TaskPlace,
  writeCarry,
} from "./index.ts";
import type { Carry, LedgerRow } from "./registry.schema.ts";

const key = { project: "Shop", group: "Q3", task: "Cart" };
const plan = "a".repeat(64);
const run = "Shop/Q3/Cart@implementation.stage-1#001";
const placeOf = (rig: Pick<TestFolder, "host" | "home" | "root">): TaskPlace => ({
  host: rig.host,
  home: rig.home,
  projectRoot: rig.root,
  key,
});
const carryOf = (carry: Partial<Carry> = {}): Carry => ({
  schemaVersion: 1,
  stage: 1,
  plan,
  cycle: 0,
  run,
  status: "done",
  stageCommitRange: { base: "1".repeat(40), head: "2".repeat(40) },
  commits: [{ sha: "2".repeat(40), subject: "add" }],
  files: ["src/app.js"],
  validation: [{ command: "npm test", exitCode: 0, log: "log" }],
  exitContract: "works",
  outOfPlanEdits: [],
  notes: [],
  ...carry,
});
const write = async (rig: Parameters<typeof placeOf>[0], carry: Partial<Carry> = {}) =>
  take(await writeCarry(rig.host, placeOf(rig), carryOf(carry)));
const carries = (rig: TestFolder): string[] =>
  readdirSync(taskPaths(rig.root, key).carryFolder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .sort();

test("written, read, named by the hash of its bytes; the same again changes nothing", async () => {
  using rig = testFolder();
  expect(take(await readCarry(rig.host, placeOf(rig), 1))).toBeUndefined();
  const written = await write(rig);
  const bytes = readFileSync(taskPaths(rig.root, key).carry(1));
  expect(written).toEqual({
    path: "runs/implementation/carry/stage-1.json",
    sha256: createHash("sha256").update(bytes).digest("hex"),
  });
  expect(take(await readCarry(rig.host, placeOf(rig), 1))).toEqual(carryOf());
  expect(await write(rig)).toEqual(written);
  expect(carries(rig)).toEqual(["stage-1.json"]);
});

test("what a new carry replaces is kept: of another plan, of this plan, of other origin", async () => {
  using rig = testFolder();
  await write(rig, { plan: "b".repeat(64) });
  await write(rig);
  await write(rig, { notes: ["second attempt"] });
  await write(rig, { notes: ["third attempt"] });
  expect(carries(rig)).toEqual([
    expect.stringMatching(/^aaaaaaaa\/stage-1-[0-9a-f]{8}\.json$/),
    "aaaaaaaa/stage-1.json",
    "bbbbbbbb/stage-1.json",
    "stage-1.json",
  ]);
  writeFileSync(taskPaths(rig.root, key).carry(1), '{"stage":1,"plan":"../../x"}');
  expect(await readCarry(rig.host, placeOf(rig), 1)).toMatchObject({ ok: false, error: { reason: "malformed" } });
  await write(rig);
  expect(carries(rig)).toContain("other/stage-1.json");
});

test("under a new plan the old carries go to their own folder, those of the plan stay", async () => {
  using rig = testFolder();
  expect(take(await setOldCarriesAside(rig.host, placeOf(rig), plan))).toEqual([]);
  for (const [stage, of] of [
    [1, plan],
    [2, "b".repeat(64)],
    [11, "c".repeat(64)],
  ] as const)
    await write(rig, { stage, plan: of });
  expect(take(await setOldCarriesAside(rig.host, placeOf(rig), plan))).toEqual([2, 11]);
  expect(carries(rig)).toEqual(["bbbbbbbb/stage-2.json", "cccccccc/stage-11.json", "stage-1.json"]);
  expect(take(await setOldCarriesAside(rig.host, placeOf(rig), plan))).toEqual([]);
});

test("a carry that its run's journal does not know goes aside; one that it knows, or another run's, stays", async () => {
  using rig = testFolder();
  const aside = async (of: string, vouched: readonly string[]) =>
    take(await setUnprovenAside(rig.host, placeOf(rig), { stage: 1, run: of, vouched }));
  await aside(run, []);
  const { sha256 } = await write(rig);
  await aside(run, [sha256]);
  await aside(run.replace("#001", "#002"), []);
  expect(carries(rig)).toEqual(["stage-1.json"]);
  await aside(run, ["0".repeat(64)]);
  expect(carries(rig)).toEqual(["aaaaaaaa/stage-1.json"]);
  writeFileSync(taskPaths(rig.root, key).carry(1), '{"stage":1,"run":"made by hand"}');
  await aside(run, []);
  expect(carries(rig)).toEqual(["aaaaaaaa/stage-1.json", "stage-1.json"]);
});

/** A stage whose run wrote its carry and was killed before the ledger row. */
async function killedStage(rig: TestRepository, rows: Partial<LedgerRow>[] = [{}]) {
  const head = rig.commit(rig.root, { "src/app.js": "two\n" });
  const range = { base: rig.start, head };
  for (const row of rows)
    take(await appendLedger(rig.host, placeOf(rig), rowOf({ head_commit: rig.start, run, ...row })));
  const { sha256 } = await write(rig, { stageCommitRange: range });
  const refill = async (ask: Partial<Parameters<typeof backfillLedger>[2]> = {}) =>
    take(
      await backfillLedger(rig.host, placeOf(rig), {
        plan,
        cycle: 0,
        journalCarries: [{ stage: 1, sha256 }],
        branchHead: async () => head,
        ...ask,
      }),
    );
  return { head, range, refill, sha256 };
}

test("a done row that a kill lost is written once, from the carry", async () => {
  using rig = testRepository();
  const { head, refill } = await killedStage(rig, [{ attempt: 2 }]);
  const [row, ...more] = await refill();
  expect(more).toEqual([]);
  expect(row).toMatchObject({
    status: "done",
    attempt: 2,
    head_commit: head,
    source: "carry-backfill",
    run,
    carry_path: "runs/implementation/carry/stage-1.json",
  });
  expect(await refill()).toEqual([]);
  expect(take(await readLedger(rig.host, placeOf(rig))).map(({ status }) => status)).toEqual(["started", "done"]);
});

test("a carry counts only when everything about it fits", async () => {
  using rig = testRepository();
  const { range, refill, sha256 } = await killedStage(rig);
  expect(await refill({ journalCarries: [{ stage: 1, sha256: "0".repeat(64) }] })).toEqual([]);
  expect(await refill({ journalCarries: [{ stage: 2, sha256 }] })).toEqual([]);
  expect(await refill({ journalCarries: [] })).toEqual([]);
  expect(await refill({ branchHead: async () => rig.start })).toEqual([]);
  expect(await refill({ branchHead: async () => undefined })).toEqual([]);
  expect(await refill({ cycle: 1 })).toEqual([]);
  expect(await refill({ plan: "b".repeat(64) })).toEqual([]);
  const unfit: Partial<Carry>[] = [
    { validation: [{ command: "npm test", exitCode: 1, log: "log" }] },
    { stageCommitRange: { base: range.head, head: range.head } },
    { run: "another" },
    { cycle: 1 },
  ];
  for (const change of unfit) {
    const written = await write(rig, { stageCommitRange: range, ...change });
    expect(await refill({ journalCarries: [{ stage: 1, sha256: written.sha256 }] })).toEqual([]);
  }
  await write(rig, { stageCommitRange: range });
  expect(await refill()).toHaveLength(1);
});

test("a head that does not descend from the base, or a stage that another run has taken since, is left alone", async () => {
  using rig = testRepository();
  rig.git(rig.root, "checkout", "--quiet", "--orphan", "apart");
  const apart = rig.commit(rig.root, { "src/app.js": "apart\n" });
  rig.git(rig.root, "checkout", "--quiet", "main");
  const { refill, head, range } = await killedStage(rig);
  const orphan = await write(rig, { stageCommitRange: { base: rig.start, head: apart } });
  expect(
    await refill({ journalCarries: [{ stage: 1, sha256: orphan.sha256 }], branchHead: async () => apart }),
  ).toEqual([]);
  await write(rig, { stageCommitRange: range });
  take(await appendLedger(rig.host, placeOf(rig), rowOf({ status: "released", head_commit: rig.start, run })));
  take(await appendLedger(rig.host, placeOf(rig), rowOf({ attempt: 2, head_commit: rig.start, run: "the next" })));
  expect(await refill({ branchHead: async () => head })).toEqual([]);
});

test("released after its carry was written: the stage is done; released after it was done: it stays released", async () => {
  using rig = testRepository();
  const { refill } = await killedStage(rig, [{}, { status: "released" }]);
  expect(await refill()).toHaveLength(1);
  take(await appendLedger(rig.host, placeOf(rig), rowOf({ status: "released", run, source: "a person" })));
  expect(await refill()).toEqual([]);
});

test("folders of carries that are not there are not made by reading", async () => {
  using rig = testFolder();
  mkdirSync(join(rig.root, ".okstra"));
  expect(
    take(
      await backfillLedger(rig.host, placeOf(rig), {
        plan,
        cycle: 0,
        journalCarries: [{ stage: 1, sha256: "" }],
        branchHead: async () => "",
      }),
    ),
  ).toEqual([]);
  expect(readdirSync(join(rig.root, ".okstra"))).toEqual([]);
});
