import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { testRepository } from "../../test/repository.ts";
import { temporaryFileName } from "../host/index.ts";
import { homePaths, projectPaths, runPaths, worktreePaths } from "../lifecycle/index.ts";
import { sweep } from "./sweep.ts";

const key = { project: "p", group: "g", task: "t" };
const run = { key, taskType: "implementation", stage: 2, seq: 1 } as const;

test("folders that a command needs while it lasts go with a process that was killed; one of a living process stays", async () => {
  using rig = testRepository();
  const { fleeting } = homePaths(rig.home);
  const dead = { pid: process.pid, startTime: "0" };
  const stays = ["p", temporaryFileName("net", rig.host.machine, "a1")];
  for (const name of [...stays, temporaryFileName("net", dead, "a1")])
    mkdirSync(join(fleeting, name, "in"), { recursive: true });
  await sweep(rig, { projectRoot: rig.root }, key);
  expect(readdirSync(fleeting).sort()).toEqual(stays.toSorted());
});

test("half-written files of dead processes go, wherever a command about the task writes; all else stays", async () => {
  using rig = testRepository();
  const [project, paths, home] = [projectPaths(rig.root), runPaths(rig.root, run), homePaths(rig.home)];
  const written = [project.project, project.catalog, paths.journal, paths.log("x"), home.head(run), home.registry];
  const trees = worktreePaths(rig.home, key);
  const logs = [join(home.setupLogs(key), "task-1.log"), join(home.batches, "b-1.json")];
  const beside = [...logs, join(trees.folder, ".stage-1.made.json"), trees.throwaway("merge.owner.json")];
  const all = [...written, ...beside, join(home.holding(run), "claude.json"), home.projectMeta("p"), home.config];
  const dead = { pid: process.pid, startTime: "0" };
  const stays = ["file", temporaryFileName("file", rig.host.machine, "a1")];
  for (const folder of new Set(all.map((path) => dirname(path)))) {
    mkdirSync(folder, { recursive: true });
    for (const name of [...stays, temporaryFileName("file", dead, "a1")]) writeFileSync(join(folder, name), "");
  }
  await sweep(rig, { projectRoot: rig.root }, key);
  for (const path of all)
    expect(
      readdirSync(dirname(path))
        .filter((name) => name.includes("file"))
        .sort(),
      path,
    ).toEqual(stays.toSorted());
});
