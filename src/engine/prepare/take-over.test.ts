import { expect, test } from "vitest";
import { testRepository } from "../../../test/repository.ts";
import { worldOf } from "../../../test/world-of.ts";
import { worktreePaths } from "../../lifecycle/index.ts";
import { readTaskKey, take } from "../../model/index.ts";
import { changeRegistry, entryKey, readRegistry } from "../../registry/index.ts";
import type { RegistryEntry } from "../../registry/registry.schema.ts";
import { freeStageBranch } from "./take-over.ts";

test("a released stage of another project whose branch has the same name is no earlier attempt", async () => {
  using rig = testRepository();
  const [key, theirs] = [readTaskKey("shop/core/add"), readTaskKey("other/core/add")];
  const path = worktreePaths(rig.home, key).stage(1);
  const entry: RegistryEntry = {
    ...{ key: entryKey(theirs, 1), branch: "fix-add-s1", worktreePath: worktreePaths(rig.home, theirs).stage(1) },
    ...{ baseRef: "main", baseCommit: rig.start, repository: "/elsewhere/.git", phase: "implementation", stage: 1 },
    ...{ plan: "a".repeat(64), cycle: 0, status: "released", intent: null, slot: 3, implementationBase: {} },
    holder: { run: "r", nonce: "n", pid: 1, startTime: "1", bootId: "b", machine: "m" },
    ...{ createdAt: "2027-01-01T00:00:00.000Z", updatedAt: "2027-01-01T00:00:00.000Z" },
  };
  const entries = { [entry.key]: entry };
  take(await changeRegistry(rig.host, rig.home, "test", (registry) => ({ ...registry, entries })));
  const ask = { repository: rig.repository, path, branch: "fix-add-s1", key, stage: 1 };
  await freeStageBranch(worldOf(rig.host, rig.home), ask);
  expect(take(await readRegistry(rig.host, rig.home)).entries).toEqual(entries);
});
