import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { manifest as manifestOf } from "../../test/fixtures/run.ts";
import { type TestFolder, testFolder } from "../../test/folder.ts";
import { runPaths, taskPaths } from "../lifecycle/index.ts";
import type { Clarification, RunManifest, TaskManifest } from "../lifecycle/task.schema.ts";
import { type RunRef, take } from "../model/index.ts";
import {
  editedClarifications,
  nextClarificationId,
  readClarifications,
  readRunManifest,
  readTaskManifest,
  type TaskPlace,
  writeClarification,
  writeRunManifest,
  writeTaskManifest,
} from "./index.ts";

const key = { project: "Shop", group: "Q3", task: "Cart" };
const run: RunRef = { key, taskType: "error-analysis", stage: null, seq: 3 };
const time = "2026-11-21T00:00:00.000Z";
const placeOf = (rig: TestFolder): TaskPlace => ({ host: rig.host, home: rig.home, projectRoot: rig.root, key });

const item = (id: string, more: Partial<Clarification> = {}): Clarification => ({
  schemaVersion: 1,
  id,
  question: "why?",
  why: "because",
  kind: "fact",
  expectedForm: "a sentence",
  blocks: "none",
  status: "open",
  userInput: null,
  raisedBy: ["claude"],
  raisedIn: "r",
  answeredBy: null,
  resolvedIn: null,
  time,
  ...more,
});

const task: TaskManifest = {
  schemaVersion: 1,
  key: "Shop/Q3/Cart",
  project: "Shop",
  group: "Q3",
  task: "Cart",
  title: "Cart",
  category: "bugfix",
  briefPath: "instruction-set/brief.md",
  briefSha256: "0",
  language: "ko",
  createdAt: time,
  updatedAt: time,
  phase: "error-analysis",
  branchPrefix: "fix",
  branch: null,
  plans: [],
  cycle: 0,
  runs: [],
};

const manifest: RunManifest = { ...manifestOf([]), id: "Shop/Q3/Cart@error-analysis#003", taskType: "error-analysis" };

test("manifests: undefined when absent, read back as written, malformed names the file", async () => {
  using rig = testFolder();
  expect(take(await readTaskManifest(rig.host, placeOf(rig)))).toBeUndefined();
  expect(take(await readRunManifest(rig.host, placeOf(rig), run))).toBeUndefined();
  take(await writeTaskManifest(rig.host, placeOf(rig), task));
  take(await writeRunManifest(rig.host, placeOf(rig), run, manifest));
  expect(take(await readTaskManifest(rig.host, placeOf(rig)))).toEqual(task);
  expect(take(await readRunManifest(rig.host, placeOf(rig), run))).toEqual(manifest);
  await expect(writeTaskManifest(rig.host, placeOf(rig), { ...task, cycle: -1 })).rejects.toThrow(
    "not a task manifest",
  );
  expect(take(await readTaskManifest(rig.host, placeOf(rig)))).toEqual(task);
  for (const [path, read] of [
    [taskPaths(rig.root, key).manifest, () => readTaskManifest(rig.host, placeOf(rig))],
    [runPaths(rig.root, run).manifest, () => readRunManifest(rig.host, placeOf(rig), run)],
  ] as const) {
    writeFileSync(path, readFileSync(path, "utf8").slice(0, -20));
    const refused = await read();
    expect(refused).toMatchObject({ ok: false, error: { reason: "malformed" } });
    expect(refused.ok ? "" : refused.error.message).toContain(path);
  }
});

test("clarifications: the newest line of an id holds, the order is that of raising, ids are never used again", async () => {
  using rig = testFolder();
  const write = async (...items: Clarification[]) => {
    for (const each of items) take(await writeClarification(rig.host, placeOf(rig), each));
  };
  const read = async () => take(await readClarifications(rig.host, placeOf(rig)));
  expect(await read()).toEqual([]);
  expect(nextClarificationId([])).toBe("C-001");
  const answered = item("C-001", { status: "answered", userInput: '이렇게\n"둘째 줄"', answeredBy: "Ada" });
  await write(item("C-001"), item("C-002"), answered);
  expect(await read()).toEqual([answered, item("C-002")]);
  expect(nextClarificationId(await read())).toBe("C-003");
  await write(item("C-999"), item("C-002", { status: "withdrawn" }));
  expect(nextClarificationId(await read())).toBe("C-1000");
  await write(item("C-1000"));
  expect(nextClarificationId(await read())).toBe("C-1001");
  appendFileSync(taskPaths(rig.root, key).clarifications, '{"schemaVersion":1,"id":"C-1001","que');
  expect((await read()).map(({ id, status }) => `${id} ${status}`)).toEqual([
    "C-001 answered",
    "C-002 withdrawn",
    "C-999 open",
    "C-1000 open",
  ]);
  await write(item("C-1001"));
  expect((await read()).map(({ id }) => id)).toContain("C-1001");
});

test("clarifications: what the file has lost counts as the home knows it, until the task itself is another", async () => {
  using rig = testFolder();
  const place = placeOf(rig);
  const { clarifications: path } = taskPaths(rig.root, key);
  const first = item("C-001", { raisedIn: manifest.id, blocks: "next-phase" });
  const second = item("C-002", { raisedIn: manifest.id });
  const read = async () => take(await readClarifications(rig.host, place));
  const lost = async () => take(await editedClarifications(rig.host, place)).map(({ item: one }) => one);
  take(await writeRunManifest(rig.host, place, run, manifest));
  for (const one of [first, second]) take(await writeClarification(rig.host, place, one));
  expect(await lost()).toEqual([]);
  writeFileSync(path, `${JSON.stringify(second)}\n`);
  expect([await read(), await lost()]).toEqual([[first, second], [first]]);
  rmSync(path);
  expect(await read()).toEqual([first, second]);
  const answered = { ...second, status: "answered" as const, userInput: "yes" };
  take(await writeClarification(rig.host, place, answered));
  expect([await read(), await lost()]).toEqual([[first, answered], []]);
  writeFileSync(path, "");
  take(await writeRunManifest(rig.host, place, run, { ...manifest, createdAt: "2026-11-22T00:00:00.000Z" }));
  expect([await read(), await lost()]).toEqual([[], []]);
});

test("clarifications: what was changed in the file by another hand counts as the home knows it", async () => {
  using rig = testFolder();
  const place = placeOf(rig);
  const { clarifications: path } = taskPaths(rig.root, key);
  const asked = item("C-001", { raisedIn: manifest.id, blocks: "next-phase" });
  const other = item("C-002", { raisedIn: manifest.id });
  const read = async () => take(await readClarifications(rig.host, place));
  take(await writeRunManifest(rig.host, place, run, manifest));
  for (const one of [asked, other]) take(await writeClarification(rig.host, place, one));
  writeFileSync(path, readFileSync(path, "utf8").replace('"open"', '"resolved"'));
  expect(await read()).toEqual([asked, other]);
  expect(take(await editedClarifications(rig.host, place))).toEqual([{ item: asked, how: "changed" }]);
  // A question that somebody added by hand is one.
  appendFileSync(path, `${JSON.stringify(item("C-003"))}\n`);
  expect((await read()).map(({ id, status }) => `${id} ${status}`)).toEqual(["C-001 open", "C-002 open", "C-003 open"]);
  take(await writeClarification(rig.host, place, { ...asked, status: "answered", userInput: "yes" }));
  expect(take(await editedClarifications(rig.host, place))).toEqual([]);
});
