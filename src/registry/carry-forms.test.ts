import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../../test/folder.ts";
import { taskPaths } from "../lifecycle/index.ts";
import { take } from "../model/index.ts";
import { listCarries } from "./index.ts";

const key = { project: "Shop", group: "Q3", task: "Cart" };
const head = "a".repeat(40);

async function formsOf(files: Readonly<Record<string, unknown>>) {
  using rig = testFolder();
  const folder = dirname(taskPaths(rig.root, key).carry(1));
  mkdirSync(folder, { recursive: true });
  for (const [name, value] of Object.entries(files))
    writeFileSync(join(folder, name), typeof value === "string" ? value : JSON.stringify(value));
  return take(await listCarries(rig.host, { host: rig.host, home: rig.home, projectRoot: rig.root, key })).map(
    ({ form }) => form,
  );
}

test.each<[string, unknown, number]>([
  ["stage-2.json", { stageCommitRange: { base: "b".repeat(40), head } }, 2],
  ["stage-2.json", { head_sha: head }, 2],
  ["stage-2.json", { head_commit: head.toUpperCase() }, 2],
  ["stage-2.json", { head }, 2],
  ["stage-2.json", { commits: [{ sha: "b".repeat(40) }, { sha: head }] }, 2],
  ["stage-2.json", { commits: ["b".repeat(40), head] }, 2],
  ["stage-2.json", { stage: 2, head, status: "success" }, 2],
  ["mine.json", { stage: 3, head }, 3],
  ["mine.json", { stageNumber: "4", head }, 4],
  ["mine.json", { stage: 0, stageNumber: 5, head }, 5],
])("%s %j is of stage %i", async (name, value, stage) => {
  expect(await formsOf({ [name]: value })).toEqual([expect.objectContaining({ stage, head })]);
});

test("the first of several names of the head counts, in the order of the specification", async () => {
  const [other, more] = ["b".repeat(40), "c".repeat(40)];
  const value = { head: more, head_sha: other, stageCommitRange: { head }, commits: [{ sha: more }] };
  expect(await formsOf({ "stage-1.json": value })).toMatchObject([{ head }]);
  expect(await formsOf({ "stage-1.json": { head: more, head_sha: other } })).toMatchObject([{ head: other }]);
});

test.each(["fail", "failed", "Blocked", "error", " aborted "])("status %s never counts", async (status) => {
  expect(await formsOf({ "stage-1.json": { head, status } })).toMatchObject([
    { stage: 1, problem: expect.stringContaining(status) },
  ]);
});

test.each<[string, unknown, string]>([
  ["no commit", { stage: 1, notes: "fine" }, "names no commit"],
  ["a head that is no commit", { head: "main" }, "names no commit"],
  ["no object", [], "not a JSON object"],
  ["no JSON", "{", "not a JSON object"],
  ["a name that says otherwise", { stage: 2, head }, "its name says stage 1, it itself stage 2"],
])("%s cannot be taken", async (_name, value, why) => {
  expect(await formsOf({ "stage-1.json": value })).toMatchObject([{ stage: 1, problem: expect.stringContaining(why) }]);
});

test("what tells of no stage is no carry; folders of earlier plans are passed over", async () => {
  expect(await formsOf({ "notes.json": { head }, "readme.txt": "x" })).toEqual([]);
});
