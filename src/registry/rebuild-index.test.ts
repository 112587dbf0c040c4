/** What the index keeps when something cannot be read, or is gone. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type TestFolder, testFolder } from "../../test/folder.ts";
import { indexRowOf } from "../../test/workers/registry-rows.ts";
import { homePaths, taskPaths } from "../lifecycle/index.ts";
import { readTaskKey, take } from "../model/index.ts";
import { appendIndex, readActive, readIndex, rebuildIndex, registerProject } from "./index.ts";

const run = (task: string): string => `Shop/Q3/${task}@error-analysis#001`;
const manifestOf = (rig: TestFolder, task: string): string =>
  taskPaths(rig.root, readTaskKey(`Shop/Q3/${task}`)).manifest;

/** A project whose home lists one run of each task, of which only a broken manifest tells. */
async function listed(rig: TestFolder, ...tasks: string[]): Promise<void> {
  mkdirSync(join(rig.root, ".okstra"), { recursive: true });
  writeFileSync(join(rig.root, ".okstra/project.json"), JSON.stringify({ schemaVersion: 1, projectId: "Shop" }));
  take(await registerProject(rig.host, rig.home, { projectId: "Shop", projectRoot: rig.root }));
  for (const task of tasks) {
    mkdirSync(dirname(manifestOf(rig, task)), { recursive: true });
    writeFileSync(manifestOf(rig, task), "{");
    take(await appendIndex(rig.host, rig.home, { ...indexRowOf(run(task)), projectRoot: rig.root }));
  }
}
const runs = async (rig: TestFolder): Promise<string[]> =>
  take(await readIndex(rig.host, rig.home, 100)).map((row) => row.run);

test("the runs of a manifest that cannot be read stay listed, and it is named", async () => {
  using rig = testFolder();
  await listed(rig, "Cart");
  const found = take(await rebuildIndex(rig.host, rig.home));
  expect(found).toMatchObject({ projects: 1, tasks: 0, runs: 0, kept: 1 });
  expect(found.unread).toEqual([{ path: manifestOf(rig, "Cart"), why: expect.stringContaining("JSON") }]);
  expect(await runs(rig)).toEqual([run("Cart")]);
  expect(take(await readActive(rig.host, rig.home))).toHaveLength(1);
});

test("the runs of a project that is not there stay listed; those of a deleted task go", async () => {
  using rig = testFolder();
  await listed(rig, "Cart", "Shelf");
  renameSync(rig.root, `${rig.root}-away`);
  expect(take(await rebuildIndex(rig.host, rig.home))).toMatchObject({
    kept: 2,
    unread: [{ path: rig.root, why: "project Shop is not there" }],
  });
  renameSync(`${rig.root}-away`, rig.root);
  for (const task of ["Cart", "Shelf"]) rmSync(dirname(manifestOf(rig, task)), { recursive: true });
  expect(take(await rebuildIndex(rig.host, rig.home))).toMatchObject({ runs: 0, kept: 0, unread: [] });
  expect(await runs(rig)).toEqual([]);
});

test("a home without an index or a project has an empty one", async () => {
  using rig = testFolder();
  mkdirSync(rig.home, { recursive: true });
  expect(take(await rebuildIndex(rig.host, rig.home))).toEqual({ projects: 0, tasks: 0, runs: 0, kept: 0, unread: [] });
  expect(await runs(rig)).toEqual([]);
  expect(homePaths(rig.home).recent).toContain(rig.home);
});
