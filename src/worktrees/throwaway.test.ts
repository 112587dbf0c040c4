import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import type { Host } from "../host/index.ts";
import { homePaths, worktreePaths } from "../lifecycle/index.ts";
import { take } from "../model/index.ts";
import { cleanThrowaways, openThrowaway } from "./index.ts";

const key = { project: "Shop", group: "Q3", task: "Cart" };
const ask = (rig: TestRepository, name = "verify claude") => ({
  repository: rig.repository,
  key,
  name,
  commit: rig.start,
  provision: { syncDirs: ["cache"], copyFiles: [".env"], cloneDirs: [], setup: ["echo built > built.txt"] },
});

/** As a later process sees it: the one that opened the trees is no longer alive. */
const later = (rig: TestRepository): Host => ({
  ...rig.host,
  processes: { ...rig.host.processes, alive: () => false },
});

function expectNothingLeft(rig: TestRepository): void {
  expect(rig.git(rig.root, "worktree", "list", "--porcelain").match(/^worktree /gm)).toHaveLength(1);
  expect(readdirSync(homePaths(rig.home).worktrees).filter((name) => name !== ".trash")).toEqual([]);
  expect(readdirSync(homePaths(rig.home).trash)).toEqual([]);
}

test("is detached at the commit, filled like any tree, and gone at the end of its scope", async () => {
  using rig = testRepository(["cache", ".env"]);
  rig.write("cache/x", "cached");
  rig.write(".env", "TOKEN=a-secret-value");
  rig.commit(rig.root, { "README.md": "later\n" });
  {
    await using tree = take(await openThrowaway(rig.host, rig.home, ask(rig)));
    expect(tree.path).toBe(worktreePaths(rig.home, key).throwaway("verify-claude"));
    expect(rig.git(tree.path, "rev-parse", "--abbrev-ref", "HEAD")).toBe("HEAD");
    expect(rig.read(join(tree.path, "README.md"))).toBe("start\n");
    expect(rig.read(join(tree.path, "cache/x"))).toBe("cached");
    expect(rig.read(join(tree.path, "built.txt"))).toBe("built\n");
    expect(tree.secrets).toEqual(["a-secret-value"]);
    rig.write(join(tree.path, "README.md"), "a test wrote here");
  }
  expectNothingLeft(rig);
  expect(rig.read(join(rig.root, "cache/x"))).toBe("cached");
  expect(rig.git(rig.root, "for-each-ref", "refs/okstra")).toBe("");
});

test("commits made in it are kept by a rescue ref", async () => {
  using rig = testRepository();
  let work = "";
  {
    await using tree = take(await openThrowaway(rig.host, rig.home, ask(rig)));
    work = rig.commit(tree.path, { "settled.txt": "settled\n" });
  }
  expectNothingLeft(rig);
  expect(rig.git(rig.root, "for-each-ref", "--format=%(objectname)", "refs/okstra/rescue/shop/q3/cart/")).toBe(work);
});

test("one of the same name that a live process has open is refused and not touched", async () => {
  using rig = testRepository();
  await using first = take(await openThrowaway(rig.host, rig.home, ask(rig)));
  expect(await openThrowaway(rig.host, rig.home, ask(rig))).toMatchObject({
    ok: false,
    error: { reason: "path-taken" },
  });
  expect(take(await cleanThrowaways(rig.host, rig.home, { repository: rig.repository, key }))).toEqual([]);
  expect(existsSync(join(first.path, "README.md"))).toBe(true);
  await using other = take(await openThrowaway(rig.host, rig.home, ask(rig, "other")));
  expect(other.path).not.toBe(first.path);
});

test("what a dead process left open is cleaned, or taken over by whoever opens the name", async () => {
  using rig = testRepository();
  take(await openThrowaway(rig.host, rig.home, ask(rig, "one")));
  take(await openThrowaway(rig.host, rig.home, ask(rig, "two")));
  const tree = take(await openThrowaway(later(rig), rig.home, ask(rig, "one")));
  expect(rig.read(join(tree.path, "README.md"))).toBe("start\n");
  expect(take(await cleanThrowaways(later(rig), rig.home, { repository: rig.repository, key }))).toEqual([
    "one",
    "two",
  ]);
  expectNothingLeft(rig);
  expect(take(await cleanThrowaways(later(rig), rig.home, { repository: rig.repository, key }))).toEqual([]);
});

test("a folder of throwaway trees that a killed process left empty goes with its empty parents", async () => {
  using rig = testRepository();
  mkdirSync(worktreePaths(rig.home, key).throwaways, { recursive: true });
  expect(take(await cleanThrowaways(rig.host, rig.home, { repository: rig.repository, key }))).toEqual([]);
  expect(readdirSync(homePaths(rig.home).worktrees)).toEqual([]);
});

test("a tree of another machine's process stays", async () => {
  using rig = testRepository();
  const elsewhere: Host = { ...rig.host, machine: { ...rig.host.machine, name: "another-machine" } };
  take(await openThrowaway(elsewhere, rig.home, ask(rig)));
  expect(take(await cleanThrowaways(later(rig), rig.home, { repository: rig.repository, key }))).toEqual([]);
  expect(
    take(
      await cleanThrowaways({ ...later(rig), machine: elsewhere.machine }, rig.home, {
        repository: rig.repository,
        key,
      }),
    ),
  ).toEqual(["verify-claude"]);
});

test("one that cannot be filled leaves nothing behind", async () => {
  using rig = testRepository();
  const failing = { ...ask(rig), provision: { ...ask(rig).provision, setup: ["exit 7"] } };
  expect(await openThrowaway(rig.host, rig.home, failing)).toMatchObject({
    ok: false,
    error: { reason: "setup-failed" },
  });
  expectNothingLeft(rig);
});
