import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type TestFolder, testFolder } from "../../test/folder.ts";
import { race } from "../../test/race.ts";
import { indexRowOf } from "../../test/workers/registry-rows.ts";
import { homePaths, projectPaths, taskPaths } from "../lifecycle/index.ts";
import type { CatalogEntry } from "../lifecycle/task.schema.ts";
import { take } from "../model/index.ts";
import {
  appendIndex,
  readActive,
  readCatalog,
  readIndex,
  readLatestTask,
  readTimeline,
  updateCatalog,
  writeLatestTask,
  writeTimeline,
} from "./index.ts";

const time = "2026-11-21T00:00:00.000Z";
const entry = (task: string, more: Partial<CatalogEntry> = {}): CatalogEntry => ({
  key: `Shop/Q3/${task}`,
  title: task,
  phase: "error-analysis",
  outcome: null,
  updatedAt: time,
  ...more,
});
const project = (rig: TestFolder) => ({ projectId: "Shop", projectRoot: rig.root });
const idOf = (number: number): string => `Shop/Q3/Cart@error-analysis#${String(number).padStart(3, "0")}`;
const add = async (rig: TestFolder, number: number, event: "prepared" | "ended" = "prepared") =>
  take(await appendIndex(rig.host, rig.home, indexRowOf(idOf(number), { event })));
const newest = async (rig: TestFolder, limit: number) =>
  take(await readIndex(rig.host, rig.home, limit)).map((row) => `${row.event} ${row.run.split("#")[1]}`);
const active = async (rig: TestFolder) =>
  take(await readActive(rig.host, rig.home)).map((row) => row.run.split("#")[1]);

test("catalog: empty when absent, one entry a task, sorted; the timeline and the latest task likewise", async () => {
  using rig = testFolder();
  const place = {
    host: rig.host,
    home: rig.home,
    projectRoot: rig.root,
    key: { project: "Shop", group: "Q3", task: "Cart" },
  };
  expect(take(await readCatalog(rig.host, rig.root))).toEqual({ schemaVersion: 1, tasks: [] });
  for (const task of ["b", "a", "b"])
    take(await updateCatalog(rig.host, rig.home, project(rig), entry(task, { title: `about ${task}` })));
  take(await updateCatalog(rig.host, rig.home, project(rig), entry("a", { outcome: "completed" })));
  expect(take(await readCatalog(rig.host, rig.root)).tasks).toEqual([
    entry("a", { outcome: "completed" }),
    entry("b", { title: "about b" }),
  ]);
  expect(take(await readLatestTask(rig.host, rig.root))).toBeUndefined();
  take(await writeLatestTask(rig.host, rig.root, { schemaVersion: 1, key: "Shop/Q3/a", updatedAt: time }));
  expect(take(await readLatestTask(rig.host, rig.root))?.key).toBe("Shop/Q3/a");
  expect(take(await readTimeline(rig.host, place))).toEqual({ schemaVersion: 1, runs: [] });
  const runs = [{ run: idOf(1), preparedAt: time, startedAt: null, endedAt: null, outcome: null }];
  take(await writeTimeline(rig.host, place, { schemaVersion: 1, runs }));
  expect(take(await readTimeline(rig.host, place)).runs).toEqual(runs);
  for (const path of [
    projectPaths(rig.root).catalog,
    projectPaths(rig.root).latestTask,
    taskPaths(rig.root, place.key).timeline,
  ]) {
    writeFileSync(path, "{");
  }
  for (const result of [
    await readCatalog(rig.host, rig.root),
    await readLatestTask(rig.host, rig.root),
    await readTimeline(rig.host, place),
  ]) {
    expect(result).toMatchObject({
      ok: false,
      error: { reason: "malformed", remedy: expect.stringMatching(/doctor --fix|^Remove /) },
    });
  }
});

test("run index: newest first, one row for each run and event; active is what has not ended", async () => {
  using rig = testFolder();
  expect(await newest(rig, 5)).toEqual([]);
  expect(await active(rig)).toEqual([]);
  for (const number of [1, 2, 3]) await add(rig, number);
  await add(rig, 2, "ended");
  await add(rig, 2, "ended");
  await add(rig, 1);
  expect(await newest(rig, 10)).toEqual(["prepared 001", "ended 002", "prepared 003", "prepared 002"]);
  expect(await newest(rig, 2)).toEqual(["prepared 001", "ended 002"]);
  expect(await active(rig)).toEqual(["003", "001"]);
  await add(rig, 3, "ended");
  await add(rig, 1, "ended");
  expect(await active(rig)).toEqual([]);
});

test("of a long index only the end is read; a fault before it is no matter, one in the end is", async () => {
  using rig = testFolder();
  await add(rig, 1);
  const path = homePaths(rig.home).recent;
  const rows = Array.from({ length: 2_000 }, (_, index) => `${JSON.stringify(indexRowOf(idOf(index + 1)))}\n`);
  writeFileSync(path, `garbage\n${rows.join("")}`);
  expect(await newest(rig, 3)).toEqual(["prepared 2000", "prepared 1999", "prepared 1998"]);
  expect(await newest(rig, 400)).toHaveLength(400);
  expect(await readIndex(rig.host, rig.home, 4_000)).toMatchObject({
    ok: false,
    error: { reason: "malformed", remedy: expect.stringMatching(/^Remove /) },
  });
  writeFileSync(path, rows.join(""));
  expect(await newest(rig, 4_000)).toHaveLength(2_000);
  appendFileSync(path, '{"schemaVersion":1,"run":"torn');
  expect(await newest(rig, 1)).toEqual(["prepared 2000"]);
  await add(rig, 2_001);
  expect(await newest(rig, 2)).toEqual(["prepared 2001", "prepared 2000"]);
  expect(readFileSync(path, "utf8")).toContain('"repaired"');
  writeFileSync(path, `${rows.slice(0, 600).join("")}garbage\n${rows.slice(0, 2).join("")}`);
  expect(await readIndex(rig.host, rig.home, 5)).toMatchObject({ ok: false, error: { reason: "malformed" } });
});

test("processes at once: no catalog entry and no index row is lost", async () => {
  using rig = testFolder();
  const part = (what: string) => ["1", "2", "3"].map((self) => [what, rig.home, rig.root, self, "10"]);
  await race("registry", [...part("catalog"), ...part("index")]);
  expect(take(await readCatalog(rig.host, rig.root)).tasks).toHaveLength(30);
  expect(take(await readIndex(rig.host, rig.home, 100))).toHaveLength(30);
  expect(take(await readActive(rig.host, rig.home))).toHaveLength(30);
});
