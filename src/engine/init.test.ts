import { mkdirSync } from "node:fs";
import { expect, test } from "vitest";
import { testRepository } from "../../test/repository.ts";
import { projectPaths, worktreePaths } from "../lifecycle/index.ts";
import { initProject } from "./index.ts";
import type { World } from "./world.ts";

test("a worktree that okstra made is no project: init names the one it belongs to", async () => {
  using rig = testRepository();
  const signal = new AbortController().signal;
  const world: World = { ...rig, okstraVersion: "0", listen: () => undefined, say: () => undefined, signal };
  const init = (cwd: string) => initProject(world, { cwd, projectId: null, syncDirs: null, copyFiles: null });
  const first = await init(rig.root);
  if (!first.ok) return expect.unreachable(first.error.message);
  const tree = worktreePaths(rig.home, { project: first.value.projectId, group: "g", task: "t" }).task;
  rig.git(rig.root, "worktree", "add", "-q", tree);
  mkdirSync(`${tree}/deeper`);
  for (const cwd of [tree, `${tree}/deeper`]) {
    const refused = await init(cwd);
    expect(refused).toMatchObject({
      ok: false,
      error: { reason: "usage", details: { project: first.value.projectId } },
    });
    expect(refused.ok ? "" : refused.error.remedy).toContain(rig.root);
  }
  expect(await rig.host.files.look(projectPaths(tree).project)).toBeUndefined();
});
