import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testRepository } from "../../test/repository.ts";
import type { Host } from "../host/index.ts";
import { nodeHost } from "../host/node/index.ts";
import { worktreePaths } from "../lifecycle/index.ts";
import { take } from "../model/index.ts";
import { addTree, fillTree, findRepository, listTrees, planBranch } from "./index.ts";

const key = { project: "shop", group: "q3", task: "cart" };
const nothing = { syncDirs: [], copyFiles: [], cloneDirs: [], setup: [] };

test("finds the repository from a folder, from a subfolder and from a linked tree; undefined outside any", async () => {
  using rig = testRepository();
  const linked = join(rig.folder, "linked");
  rig.git(rig.root, "worktree", "add", "--quiet", "--detach", linked);
  expect(take(await findRepository(rig.host, join(rig.root, "src")))).toEqual(rig.repository);
  expect(take(await findRepository(rig.host, linked))).toMatchObject({
    mainRoot: rig.root,
    root: linked,
    linked: true,
  });
  expect(take(await findRepository(rig.host, join(rig.folder, "user")))).toBeUndefined();
});

test("a repository without a commit, and a machine without git, are refused by name", async () => {
  using rig = testRepository();
  const empty = join(rig.folder, "empty");
  mkdirSync(empty);
  rig.git(empty, "init", "--quiet");
  expect(await findRepository(rig.host, empty)).toMatchObject({ ok: false, error: { reason: "no-commits" } });
  const without = nodeHost({ env: { PATH: rig.folder }, packageRoot: rig.folder });
  expect(await findRepository(without, rig.root)).toMatchObject({ ok: false, error: { reason: "git-missing" } });
});

test("adds metadata only, on a new branch that tracks nothing; filling brings the files", async () => {
  using rig = testRepository();
  const path = worktreePaths(rig.home, key).task;
  const branch = planBranch({ key, prefix: "feat", stage: null, planNumber: 1 });
  const commit = rig.git(rig.root, "rev-parse", "HEAD");
  const ask = { repository: rig.repository, path, branch, commit, newBranch: true };
  take(await addTree(rig.host, rig.home, ask));
  expect(readdirSync(path)).toEqual([".git"]);
  expect(rig.git(path, "symbolic-ref", "HEAD")).toBe(`refs/heads/${branch}`);
  const filled = take(
    await fillTree(rig.host, {
      repository: rig.repository,
      path,
      provision: nothing,
      env: {},
      logPath: join(rig.home, "log"),
    }),
  );
  expect(filled).toEqual({ notes: [], secrets: [], linked: [] });
  expect(rig.read(join(path, "src/app.js"))).toBe("one\n");
  expect(rig.git(path, "status", "--porcelain")).toBe("");
  expect(rig.git(rig.root, "config", "--list")).not.toContain("branch.");
});

test("filling a tree in which someone has worked touches nothing", async () => {
  using rig = testRepository();
  const path = join(rig.home, "worktrees", "a");
  const ask = { repository: rig.repository, path, provision: nothing, env: {}, logPath: join(rig.home, "log") };
  take(await addTree(rig.host, rig.home, { ...ask, branch: "a", commit: rig.start, newBranch: true }));
  take(await fillTree(rig.host, ask));
  rig.write(join(path, "src/app.js"), "worked here\n");
  take(await fillTree(rig.host, ask));
  expect(rig.read(join(path, "src/app.js"))).toBe("worked here\n");
});

test("a branch that exists is refused with the tree that holds it and the name to take instead", async () => {
  using rig = testRepository();
  const other = join(rig.folder, "of the user");
  rig.git(rig.root, "worktree", "add", "--quiet", "-b", "feat-cart", other);
  const path = worktreePaths(rig.home, key).task;
  const ask = {
    repository: rig.repository,
    path,
    branch: "feat-cart",
    commit: rig.start,
    newBranch: true,
    offer: "feat-q3-cart",
  };
  const refused = await addTree(rig.host, rig.home, ask);
  expect(refused).toMatchObject({ ok: false, error: { reason: "branch-taken", details: { holder: other } } });
  expect(refused.ok ? "" : refused.error.remedy).toContain("--branch feat-q3-cart");
  expect(rig.read(join(path, ".git"))).toBeUndefined();
  expect(rig.git(rig.root, "rev-parse", "feat-cart")).toBe(rig.git(rig.root, "rev-parse", "main"));
});

test("a branch that would lie in the folder of another, or the other way round, is refused too", async () => {
  using rig = testRepository();
  rig.git(rig.root, "branch", "team/cart");
  for (const branch of ["team", "team/cart/s1", "team/cart"]) {
    const ask = {
      repository: rig.repository,
      path: join(rig.home, "worktrees", "x"),
      branch,
      commit: rig.start,
      newBranch: true,
    };
    expect(await addTree(rig.host, rig.home, ask), branch).toMatchObject({
      ok: false,
      error: { reason: "branch-taken", details: { taken: "team/cart" } },
    });
  }
});

test("a path that exists is refused, whatever it is, and left as it is", async () => {
  using rig = testRepository();
  const path = join(rig.home, "worktrees", "here");
  for (const make of [() => mkdirSync(path, { recursive: true }), () => writeFileSync(path, "mine")]) {
    make();
    const refused = await addTree(rig.host, rig.home, {
      repository: rig.repository,
      path,
      branch: "x",
      commit: rig.start,
      newBranch: true,
    });
    expect(refused).toMatchObject({ ok: false, error: { reason: "path-taken", details: { path } } });
    expect(rig.git(rig.root, "branch", "--list", "x")).toBe("");
    rmSync(path, { recursive: true });
  }
});

test("an add that git refuses leaves no branch, folder or record", async () => {
  using rig = testRepository();
  const path = join(rig.home, "worktrees", "x");
  const refused = await addTree(rig.host, rig.home, {
    repository: rig.repository,
    path,
    branch: "x",
    commit: "0".repeat(40),
    newBranch: true,
  });
  expect(refused).toMatchObject({ ok: false, error: { reason: "git-failed" } });
  expect(rig.git(rig.root, "branch", "--list", "x")).toBe("");
  expect(rig.git(rig.root, "worktree", "list", "--porcelain").match(/^worktree /gm)).toHaveLength(1);
  expect(rig.read(join(path, ".git"))).toBeUndefined();
});

test("a tree whose folder was deleted by hand is made again at its path, new or on its old branch", async () => {
  using rig = testRepository();
  const path = join(rig.home, "worktrees", "x");
  const ask = { repository: rig.repository, path, branch: "x", commit: rig.start, newBranch: true };
  take(await addTree(rig.host, rig.home, ask));
  rmSync(path, { recursive: true });
  take(await addTree(rig.host, rig.home, { ...ask, branch: "y" }));
  expect(rig.git(path, "symbolic-ref", "--short", "HEAD")).toBe("y");
  rmSync(path, { recursive: true });
  take(await addTree(rig.host, rig.home, { ...ask, newBranch: false }));
  expect(rig.git(path, "symbolic-ref", "--short", "HEAD")).toBe("x");
  const twice = await addTree(rig.host, rig.home, { ...ask, path: `${path}2`, newBranch: false });
  expect(twice).toMatchObject({ ok: false, error: { reason: "branch-taken", details: { holder: path } } });
  const absent = await addTree(rig.host, rig.home, { ...ask, path: `${path}2`, branch: "z", newBranch: false });
  expect(absent).toMatchObject({ ok: false, error: { reason: "base-ref-unknown" } });
});

test("a commit that only a deleted detached tree knew is not forgotten", async () => {
  using rig = testRepository();
  const path = join(rig.home, "worktrees", "x");
  const ask = {
    repository: rig.repository,
    path,
    branch: null,
    commit: rig.git(rig.root, "rev-parse", "HEAD"),
    newBranch: false,
  };
  take(await addTree(rig.host, rig.home, ask));
  rig.git(path, "reset", "--hard", "--quiet");
  const work = rig.commit(path, { "work.txt": "work\n" });
  rmSync(path, { recursive: true });
  expect(await addTree(rig.host, rig.home, ask)).toMatchObject({
    ok: false,
    error: { reason: "path-taken", details: { commit: work } },
  });
});

test("a full disk is refused before git runs", async () => {
  using rig = testRepository();
  const path = join(rig.home, "worktrees", "x");
  const add = (free: number) => {
    const host: Host = { ...rig.host, files: { ...rig.host.files, freeBytes: async () => free } };
    return addTree(host, rig.home, {
      repository: rig.repository,
      path,
      branch: "x",
      commit: rig.start,
      newBranch: true,
    });
  };
  expect(await add(64 * 1024 * 1024)).toMatchObject({
    ok: false,
    error: { reason: "disk-full", details: { freeBytes: 64 * 1024 * 1024 } },
  });
  expect(rig.git(rig.root, "branch", "--list", "x")).toBe("");
  // Three small files: a block each, beside the reserve.
  expect(await add(64 * 1024 * 1024 + 3 * 4096)).toMatchObject({ ok: true });
});

test("twenty trees at once in one repository, by several hosts, all come to be", async () => {
  using rig = testRepository();
  const env = { PATH: process.env["PATH"], HOME: join(rig.folder, "user"), GIT_CONFIG_NOSYSTEM: "1" };
  const hosts = Array.from({ length: 4 }, () => nodeHost({ env, packageRoot: rig.folder }));
  const results = await Promise.all(
    Array.from({ length: 20 }, async (_, number) => {
      const host = hosts[number % hosts.length] ?? rig.host;
      const path = worktreePaths(rig.home, key).stage(number);
      const ask = {
        repository: rig.repository,
        path,
        branch: `feat-cart-s${number}`,
        commit: rig.start,
        newBranch: true,
      };
      const added = await addTree(host, rig.home, ask);
      if (!added.ok) return added;
      return await fillTree(host, {
        repository: rig.repository,
        path,
        provision: nothing,
        env: {},
        logPath: join(rig.home, "log"),
      });
    }),
  );
  expect(results.filter((result) => !result.ok)).toEqual([]);
  expect(rig.git(rig.root, "worktree", "list", "--porcelain").match(/^worktree /gm)).toHaveLength(21);
  for (let number = 0; number < 20; number += 1)
    expect(rig.git(worktreePaths(rig.home, key).stage(number), "status", "--porcelain")).toBe("");
  expect(rig.git(rig.root, "fsck", "--no-progress")).toBe("");
});

test("of two that want the same branch one gets it and the other is told", async () => {
  using rig = testRepository();
  const both = await Promise.all(
    ["a", "b"].map((name) =>
      addTree(rig.host, rig.home, {
        repository: rig.repository,
        path: join(rig.home, "worktrees", name),
        branch: "same",
        commit: rig.start,
        newBranch: true,
      }),
    ),
  );
  expect(both.filter((one) => one.ok)).toHaveLength(1);
  expect(both.find((one) => !one.ok)).toMatchObject({ error: { reason: "branch-taken" } });
});

test("lists what the registry holds and how it stands on disk", async () => {
  using rig = testRepository();
  const path = join(rig.home, "worktrees", "x");
  take(
    await addTree(rig.host, rig.home, {
      repository: rig.repository,
      path,
      branch: "x",
      commit: rig.start,
      newBranch: true,
    }),
  );
  take(
    await fillTree(rig.host, {
      repository: rig.repository,
      path,
      provision: nothing,
      env: {},
      logPath: join(rig.home, "log"),
    }),
  );
  rig.write(join(path, "new.txt"), "x");
  const head = rig.git(rig.root, "rev-parse", "HEAD");
  const entry = {
    key: "shop/q3/cart",
    worktreePath: path,
    branch: "x",
    baseRef: "main",
    baseCommit: head,
    repository: rig.repository.commonDir,
    phase: "implementation" as const,
    stage: 1,
    plan: null,
    cycle: 0,
    status: "active" as const,
    intent: null,
    holder: { run: "r", nonce: "n", pid: 1, startTime: "1", bootId: "b", machine: "m" },
    slot: 4,
    implementationBase: {},
    createdAt: "2026-11-21T00:00:00.000Z",
    updatedAt: "2026-11-21T00:00:00.000Z",
  };
  const registry = {
    schemaVersion: 1 as const,
    entries: {
      "shop/q3/cart#stage-1": entry,
      "shop/q3/cart": { ...entry, branch: "main", worktreePath: `${path}-gone`, stage: null },
    },
  };
  const listed = async () => take(await listTrees(rig.host, registry, { disk: true }));
  expect(await listed()).toEqual([
    expect.objectContaining({ key: "shop/q3/cart", present: false, head, diskBytes: null, dirty: null, merged: null }),
    expect.objectContaining({ key: "shop/q3/cart#stage-1", present: true, head, dirty: true, merged: null }),
  ]);
  rig.commit(path, { "new.txt": "x", "big.txt": "x".repeat(100_000) });
  const [, stage] = await listed();
  expect(stage).toMatchObject({ branch: "x", baseRef: "main", dirty: false, merged: false });
  expect(stage?.diskBytes).toBeGreaterThan(100_000);
  expect(take(await listTrees(rig.host, registry, { wanted: (key) => key.endsWith("cart") }))).toHaveLength(1);
});
