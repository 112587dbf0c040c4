import { expect, test } from "vitest";
import { testRepository } from "../../test/repository.ts";
import { worldOf } from "../../test/world-of.ts";
import { worktreePaths } from "../lifecycle/index.ts";
import { readTaskKey, take } from "../model/index.ts";
import { changeRegistry, entryKey } from "../registry/index.ts";
import type { RegistryEntry } from "../registry/registry.schema.ts";
import { straysOf } from "./branch-watch.ts";
import type { Run } from "./run.ts";

test("who holds a branch explains its moves; another project's branch of the same name explains none", async () => {
  using rig = testRepository();
  const ref = "refs/heads/fix-add-s2";
  const moved = rig.commit(rig.root, { "moved.txt": "x" });
  const { pid, startTime, bootId, name: machine } = rig.host.machine;
  const register = async (project: string, repository: string): Promise<void> => {
    const key = readTaskKey(`${project}/core/add`);
    const entry: RegistryEntry = {
      ...{ key: entryKey(key, 2), branch: "fix-add-s2", worktreePath: worktreePaths(rig.home, key).stage(2) },
      ...{ baseRef: "main", baseCommit: rig.start, repository, phase: "implementation", stage: 2 },
      ...{ plan: "a".repeat(64), cycle: 0, status: "active", intent: null, slot: 3, implementationBase: {} },
      holder: { run: `${project}'s`, nonce: project, pid, startTime, bootId, machine },
      ...{ createdAt: "2020-01-01T00:00:00.000Z", updatedAt: "2020-01-01T00:00:00.000Z" },
    };
    take(
      await changeRegistry(rig.host, rig.home, "test", (now) => ({
        ...now,
        entries: { ...now.entries, [entry.key]: entry },
      })),
    );
  };
  const project = { projectRoot: rig.root, projectId: "shop" };
  const run = { world: worldOf(rig.host, rig.home), project, manifest: { nonce: "own" } } as unknown as Run;
  const seen = {
    before: [{ ref, commit: rig.start }],
    after: [{ ref, commit: moved }],
    since: Date.now() + 3_600_000,
  };
  await register("other", "/elsewhere/.git");
  expect(await straysOf(run, rig.repository, seen)).toMatchObject({
    listed: [],
    unexplained: [expect.stringContaining(ref)],
  });
  await register("shop", rig.repository.commonDir);
  expect(await straysOf(run, rig.repository, seen)).toMatchObject({
    listed: [expect.stringContaining("held by shop's")],
    unexplained: [],
  });
});
