/** Runs that are run again. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RerunAnswer } from "../../src/engine/batch.schema.ts";
import { checkRerunAnswer, checkRerunBatch } from "../../src/generated/batch.check.js";
import { assertGolden } from "../golden.ts";
import { normalise } from "../normalise.ts";
import { agents, files, initialise, key, untilApproved } from "../rig/calculator.ts";
import { openRig, type Ran, type Rig } from "../rig/rig.ts";

const analysis = `${key}@error-analysis#001`;
let rig: Rig;

beforeAll(async () => {
  rig = openRig(files);
  await initialise(rig);
  await untilApproved(rig);
  await rig.okstra(["prepare", "--task-key", key, "--task-type", "implementation", "--agents", agents(rig)]);
}, 120_000);
afterAll(() => rig[Symbol.asyncDispose]());

function answerOf(ran: Ran): RerunAnswer {
  const answer = ran.json<RerunAnswer>();
  expect(checkRerunAnswer(answer), ran.stdout).toBe(true);
  return answer;
}

const told = ({ items }: RerunAnswer): string[] =>
  items.map(
    ({ originalRunId, newRunId, status }) => `${originalRunId.split("@")[1]} ${status} ${newRunId?.split("@")[1]}`,
  );

test("--dry-run foretells the numbers and leaves no record", async () => {
  const ran = await rig.okstra(["rerun", `task:${key}`, "--dry-run", "--max", "1", "--json"]);
  expect(ran.code).toBe(0);
  const answer = answerOf(ran);
  expect(told(answer)).toEqual([
    "error-analysis#001 dry-run error-analysis#002",
    "implementation-planning#001 skipped undefined",
    "implementation.stage-1#001 rejected undefined",
  ]);
  expect(answer.summary).toEqual({ total: 3, spawned: 0, skipped: 1, rejected: 1 });
  expect(existsSync(`${rig.home}/batches`)).toBe(false);
});

test("one after another is executed, with what the first was asked for; the record is kept", async () => {
  const ran = await rig.okstra(["rerun", `${analysis},${key}@implementation.stage-1#001`, "--json"], {
    cwd: rig.folder,
  });
  const answer = answerOf(ran);
  expect([ran.code, told(answer)]).toEqual([
    0,
    ["error-analysis#001 spawned error-analysis#002", "implementation.stage-1#001 rejected undefined"],
  ]);
  expect(answer.runs.map(({ id, outcome }) => [id, outcome])).toEqual([[`${key}@error-analysis#002`, "completed"]]);
});

test("--detach: each in a process of its own, to be waited for", async () => {
  const ran = await rig.okstra(["rerun", analysis, "--detach", "--json"]);
  const answer = answerOf(ran);
  expect([ran.code, told(answer), answer.runs]).toEqual([0, ["error-analysis#001 spawned error-analysis#003"], []]);
  const waited = await rig.okstra(["wait", `${key}@error-analysis#003`]);
  expect(waited.code).toBe(0);
});

test("the record in the home is the batch as it was printed", async () => {
  const [name = ""] = readdirSync(`${rig.home}/batches`).sort();
  const record: unknown = JSON.parse(readFileSync(`${rig.home}/batches/${name}`, "utf8"));
  expect(checkRerunBatch(record), JSON.stringify(checkRerunBatch.errors)).toBe(true);
  expect(record).toMatchObject({ summary: { total: 2, spawned: 1, skipped: 0, rejected: 1 } });
});

test("as people see it; nothing spawned and something rejected is exit 1", async () => {
  const ran = await rig.okstra(["rerun", `task:${key},type:implementation-planning,type:implementation`]);
  expect(ran.code).toBe(0);
  assertGolden(
    "cli/rerun.txt",
    normalise(ran.stdout, { paths: [rig.home, rig.root] }).replace(/\d{8}T\d{6}Z-\w+/, "<batch>"),
  );
  expect((await rig.okstra(["rerun", "type:implementation"])).code).toBe(1);
});

test("a selector that fits nothing", async () => {
  const ran = await rig.okstra(["rerun", "type:final-verification", "--json"]);
  expect([ran.code, ran.json<{ error: { reason: string } }>().error.reason]).toEqual([2, "not-a-run"]);
});
