import { chmodSync, mkdirSync, readlinkSync, rmSync, statSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import { take } from "../model/index.ts";
import { compareGuard, restoreGuard, takeGuard } from "./index.ts";

async function scene(rig: TestRepository) {
  const tree = join(rig.folder, "tree");
  const common = rig.repository.commonDir;
  rig.git(rig.root, "worktree", "add", "--quiet", "-b", "fix-cart", tree);
  const own = join(common, "worktrees", "tree");
  rig.write(join(common, "hooks/pre-commit"), "#!/bin/sh\nexit 0\n");
  rig.write(join(rig.folder, "shared/hook"), "#!/bin/sh\n");
  symlinkSync(join(rig.folder, "shared/hook"), join(common, "hooks/commit-msg"));
  return { tree, common, own };
}

type Scene = Awaited<ReturnType<typeof scene>>;

const plants: Record<string, { plant: (rig: TestRepository, at: Scene) => void; path: (at: Scene) => string }> = {
  "core.fsmonitor in the config": {
    plant: (rig, { tree }) => void rig.git(tree, "config", "core.fsmonitor", "/tmp/evil"),
    path: ({ common }) => join(common, "config"),
  },
  "a config of the worktree": {
    plant: (rig, { own }) => rig.write(join(own, "config.worktree"), "[core]\n\thooksPath = /tmp\n"),
    path: ({ own }) => join(own, "config.worktree"),
  },
  "a new hook": {
    plant: (rig, { common }) => rig.write(join(common, "hooks/post-checkout"), "#!/bin/sh\nevil\n"),
    path: ({ common }) => join(common, "hooks/post-checkout"),
  },
  "a hook made executable": {
    plant: (_, { common }) => chmodSync(join(common, "hooks/pre-commit"), 0o755),
    path: ({ common }) => join(common, "hooks/pre-commit"),
  },
  "a hook deleted": {
    plant: (_, { common }) => unlinkSync(join(common, "hooks/pre-commit")),
    path: ({ common }) => join(common, "hooks/pre-commit"),
  },
  "a linked hook pointed elsewhere": {
    plant: (_, { common }) => {
      unlinkSync(join(common, "hooks/commit-msg"));
      symlinkSync("/bin/true", join(common, "hooks/commit-msg"));
    },
    path: ({ common }) => join(common, "hooks/commit-msg"),
  },
  "the file behind a linked hook": {
    plant: (rig) => rig.write(join(rig.folder, "shared/hook"), "#!/bin/sh\nevil\n"),
    path: ({ common }) => join(common, "hooks/commit-msg"),
  },
  "attributes in info": {
    plant: (rig, { common }) => rig.write(join(common, "info/attributes"), "* filter=evil\n"),
    path: ({ common }) => join(common, "info/attributes"),
  },
  "the pointer of the worktree": {
    plant: (rig, { tree }) => rig.write(join(tree, ".git"), "gitdir: /tmp/evil\n"),
    path: ({ tree }) => join(tree, ".git"),
  },
  "a folder where the pointer was": {
    plant: (_, { tree }) => {
      unlinkSync(join(tree, ".git"));
      mkdirSync(join(tree, ".git"));
    },
    path: ({ tree }) => join(tree, ".git"),
  },
  "the common folder of the worktree": {
    plant: (rig, { own }) => rig.write(join(own, "commondir"), "/tmp/evil\n"),
    path: ({ own }) => join(own, "commondir"),
  },
};

for (const [what, { plant, path }] of Object.entries(plants)) {
  test(`planted: ${what}; seen without git, and put back`, async () => {
    using rig = testRepository();
    const at = await scene(rig);
    const guard = take(await takeGuard(rig.host, { tree: at.tree, commonDir: at.common }));
    expect(take(await compareGuard(rig.host, guard))).toEqual([]);
    const target = readlinkSync(join(at.common, "hooks/commit-msg"));
    plant(rig, at);
    const changes = take(await compareGuard(rig.host, guard));
    expect(changes.map((change) => change.path)).toEqual([path(at)]);
    expect(take(await restoreGuard(rig.host, guard, changes))).toEqual([]);
    expect(readlinkSync(join(at.common, "hooks/commit-msg"))).toBe(target);
    expect(rig.read(join(rig.folder, "shared/hook"))).toBe("#!/bin/sh\n");
    expect(statSync(join(at.common, "hooks/pre-commit")).mode & 0o111).toBe(0);
    expect(rig.git(at.tree, "status", "--porcelain")).toBe("");
  });
}

test("the whole hooks folder deleted, or replaced by a link", async () => {
  using rig = testRepository();
  const at = await scene(rig);
  const guard = take(await takeGuard(rig.host, { tree: at.tree, commonDir: at.common }));
  rmSync(join(at.common, "hooks"), { recursive: true });
  const gone = take(await compareGuard(rig.host, guard));
  expect(gone.every(({ did }) => did === "removed")).toBe(true);
  expect(take(await restoreGuard(rig.host, guard, gone))).toEqual([]);
  rmSync(join(at.common, "hooks"), { recursive: true });
  rig.write(join(rig.folder, "evil/pre-commit"), "evil");
  symlinkSync(join(rig.folder, "evil"), join(at.common, "hooks"));
  expect(take(await restoreGuard(rig.host, guard, take(await compareGuard(rig.host, guard))))).toEqual([]);
  expect(rig.read(join(rig.folder, "evil/pre-commit"))).toBe("evil");
  expect(rig.read(join(at.common, "hooks/pre-commit"))).toBe("#!/bin/sh\nexit 0\n");
});

test("a hooks folder that is a link of the user's own is guarded behind the link", async () => {
  using rig = testRepository();
  const common = rig.repository.commonDir;
  rmSync(join(common, "hooks"), { recursive: true, force: true });
  rig.write(join(rig.folder, "my hooks/pre-push"), "mine");
  symlinkSync("../../my hooks", join(common, "hooks"));
  const guard = take(await takeGuard(rig.host, { tree: rig.root, commonDir: common }));
  rig.write(join(rig.folder, "my hooks/pre-push"), "evil");
  const changes = take(await compareGuard(rig.host, guard));
  expect(changes).toEqual([{ path: join(common, "hooks/pre-push"), did: "changed" }]);
  expect(take(await restoreGuard(rig.host, guard, changes))).toEqual([]);
  expect(rig.read(join(rig.folder, "my hooks/pre-push"))).toBe("mine");
  expect(readlinkSync(join(common, "hooks"))).toBe("../../my hooks");
});

test("ordinary work is no change: commits, new branches, index", async () => {
  using rig = testRepository();
  const at = await scene(rig);
  const guard = take(await takeGuard(rig.host, { tree: at.tree, commonDir: at.common }));
  rig.commit(at.tree, { "src/app.js": "two\n" });
  rig.git(at.tree, "branch", "other");
  expect(take(await compareGuard(rig.host, guard))).toEqual([]);
});
