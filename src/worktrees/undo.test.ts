import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import type { Host } from "../host/index.ts";
import { homePaths, worktreePaths } from "../lifecycle/index.ts";
import { take } from "../model/index.ts";
import { addTree, emptyTrash, fillTree, removeStaleLocks, rescueTree, undoTree } from "./index.ts";

const key = { project: "Shop", group: "Q3", task: "Cart" };
const branch = "feat-cart-s1";
const rescues = "refs/okstra/rescue/shop/q3/cart/";

const place = (rig: TestRepository) => ({
  repository: rig.repository,
  path: worktreePaths(rig.home, key).stage(1),
  branch,
  newBranch: true,
});
const add = async (rig: TestRepository) =>
  take(await addTree(rig.host, rig.home, { ...place(rig), commit: rig.start }));
const fill = async (rig: TestRepository, syncDirs: readonly string[] = []) => {
  const provision = { syncDirs, copyFiles: [], cloneDirs: [], setup: [] };
  take(await fillTree(rig.host, { ...place(rig), provision, env: {}, logPath: join(rig.home, "setup.log") }));
};
const undo = async (rig: TestRepository, more: { newBranch?: boolean } = {}) =>
  take(await undoTree(rig.host, rig.home, { ...place(rig), key, baseCommit: rig.start, ...more }));

/** Refs, trees, folders: nothing left of the stage but what is kept on purpose. */
function expectNothingLeft(rig: TestRepository): void {
  const { path } = place(rig);
  expect(rig.git(rig.root, "branch", "--list", branch)).toBe("");
  expect(rig.git(rig.root, "worktree", "list", "--porcelain").match(/^worktree /gm)).toHaveLength(1);
  expect(existsSync(join(rig.root, ".git", "worktrees"))).toBe(false);
  const { worktrees, trash } = homePaths(rig.home);
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(worktrees).filter((name) => name !== ".trash")).toEqual([]);
  expect(existsSync(trash) ? readdirSync(trash) : []).toEqual([]);
}

const rescuesOf = (rig: TestRepository): string[] => {
  const listed = rig.git(rig.root, "for-each-ref", "--format=%(refname)", rescues);
  return listed === "" ? [] : listed.split("\n");
};
const kept = (rig: TestRepository, ref: string | null, path: string): string =>
  rig.git(rig.root, "show", `${ref}:${path}`);

test("metadata only: all goes, nothing is kept; a second undo finds nothing to do", async () => {
  using rig = testRepository();
  await add(rig);
  expect(await undo(rig)).toEqual({ rescue: null, notes: [] });
  expectNothingLeft(rig);
  expect(await undo(rig)).toEqual({ rescue: null, notes: [] });
  expect(rescuesOf(rig)).toEqual([]);
});

test("filled and unused, with linked folders: the links go, what they lead to stays", async () => {
  using rig = testRepository(["cache", "node_modules/"]);
  rig.write("cache/deep/x", "cached");
  rig.write("node_modules/left-pad/index.js", "pad");
  await add(rig);
  await fill(rig, ["cache", "node_modules"]);
  expect(rig.read(join(place(rig).path, "node_modules/left-pad/index.js"))).toBe("pad");
  expect(await undo(rig)).toEqual({ rescue: null, notes: [] });
  expectNothingLeft(rig);
  expect(rig.read(join(rig.root, "cache/deep/x"))).toBe("cached");
  expect(rig.read(join(rig.root, "node_modules/left-pad/index.js"))).toBe("pad");
});

test("partly filled: missing and cut files are the fill's; only a file that git does not know is kept", async () => {
  using rig = testRepository();
  await add(rig);
  rig.write(join(place(rig).path, "src/app.js"), "on");
  expect(await undo(rig)).toEqual({ rescue: null, notes: [] });
  expectNothingLeft(rig);
  await add(rig);
  rig.write(join(place(rig).path, "mine.txt"), "mine");
  const { rescue } = await undo(rig);
  expectNothingLeft(rig);
  expect(kept(rig, rescue, "mine.txt")).toBe("mine");
});

test("uncommitted work, changed, new, staged and deleted, is kept on a rescue ref", async () => {
  using rig = testRepository(["*.log"]);
  await add(rig);
  await fill(rig);
  const { path } = place(rig);
  rig.write(join(path, "src/app.js"), "two\n");
  rig.write(join(path, "neu/ä b.txt"), "new");
  rig.write(join(path, "staged.txt"), "staged");
  rig.write(join(path, "noise.log"), "noise");
  rig.git(path, "add", "staged.txt");
  unlinkSync(join(path, "README.md"));
  const { rescue } = await undo(rig);
  expectNothingLeft(rig);
  expect(rescue).toMatch(/^refs\/okstra\/rescue\/shop\/q3\/cart\/\d{8}T\d{9}Z$/);
  expect(
    rig.git(rig.root, "-c", "core.quotepath=false", "diff", "--name-status", rig.start, rescue ?? "").split("\n"),
  ).toEqual(["D\tREADME.md", "A\tneu/ä b.txt", "M\tsrc/app.js", "A\tstaged.txt"]);
  expect(rig.git(rig.root, "rev-parse", `${rescue}^`)).toBe(rig.start);
});

test("commits beyond the base are kept as they are; with uncommitted work on top, as its parent", async () => {
  using rig = testRepository();
  await add(rig);
  await fill(rig);
  const first = rig.commit(place(rig).path, { "work.txt": "work\n" });
  expect(rig.git(rig.root, "rev-parse", (await undo(rig)).rescue ?? "")).toBe(first);
  expectNothingLeft(rig);
  await add(rig);
  await fill(rig);
  const second = rig.commit(place(rig).path, { "more.txt": "more\n" });
  rig.write(join(place(rig).path, "more.txt"), "even more\n");
  const { rescue } = await undo(rig);
  expect(rig.git(rig.root, "rev-parse", `${rescue}^`)).toBe(second);
  expect(kept(rig, rescue, "more.txt")).toBe("even more");
  expectNothingLeft(rig);
});

test("the branch was deleted under the tree: its last commit is found in the tree's log and kept", async () => {
  using rig = testRepository();
  await add(rig);
  await fill(rig);
  const work = rig.commit(place(rig).path, { "work.txt": "work\n" });
  rig.git(rig.root, "update-ref", "-d", `refs/heads/${branch}`);
  rig.write(join(place(rig).path, "loose.txt"), "loose");
  const { rescue } = await undo(rig);
  expectNothingLeft(rig);
  expect(rig.git(rig.root, "rev-parse", `${rescue}^`)).toBe(work);
  expect(kept(rig, rescue, "loose.txt")).toBe("loose");
});

test("the folder was deleted by hand: the branch's commits are kept", async () => {
  using rig = testRepository();
  await add(rig);
  await fill(rig);
  const work = rig.commit(place(rig).path, { "work.txt": "work\n" });
  rmSync(place(rig).path, { recursive: true });
  expect(rig.git(rig.root, "rev-parse", (await undo(rig)).rescue ?? "")).toBe(work);
  expectNothingLeft(rig);
});

test("folder and branch were both deleted by hand", async () => {
  using rig = testRepository();
  await add(rig);
  rmSync(place(rig).path, { recursive: true });
  rig.git(rig.root, "worktree", "prune");
  rig.git(rig.root, "branch", "-D", branch);
  expect(await undo(rig)).toEqual({ rescue: null, notes: [] });
  expectNothingLeft(rig);
});

test("a tree on a commit of its own: that commit and the branch's are both kept", async () => {
  using rig = testRepository();
  await add(rig);
  await fill(rig);
  const { path } = place(rig);
  const onBranch = rig.commit(path, { "branch.txt": "b\n" });
  rig.git(path, "switch", "--quiet", "--detach", rig.start);
  const detached = rig.commit(path, { "detached.txt": "d\n" });
  const { rescue } = await undo(rig);
  expect(rig.git(rig.root, "rev-parse", `${rescue}^1`, `${rescue}^2`).split("\n").sort()).toEqual(
    [onBranch, detached].sort(),
  );
  expectNothingLeft(rig);
});

test("an add that was killed leaves its tree locked, half a record, or a branch's lock: all go", async () => {
  using rig = testRepository();
  const record = join(rig.root, ".git", "worktrees", "stage-1");
  const halves: (() => void)[] = [
    () => writeFileSync(join(record, "locked"), "initializing"),
    () => unlinkSync(join(record, "HEAD")),
    () => unlinkSync(join(record, "commondir")),
    () => unlinkSync(join(place(rig).path, ".git")),
    () => writeFileSync(join(rig.root, ".git", "refs", "heads", `${branch}.lock`), ""),
  ];
  for (const half of halves) {
    await add(rig);
    half();
    expect(await undo(rig)).toEqual({ rescue: null, notes: [] });
    expectNothingLeft(rig);
    expect(existsSync(join(rig.root, ".git", "refs", "heads", `${branch}.lock`))).toBe(false);
  }
});

test("an undo that was killed after each of its steps is finished by the next, with one rescue ref", async () => {
  using rig = testRepository();
  for (const last of ["rename", "forgetTree", "deleteBranch", "removeTree"] as const) {
    await add(rig);
    await fill(rig);
    if (last === "deleteBranch") rig.commit(place(rig).path, { "work.txt": "work\n" });
    else rig.write(join(place(rig).path, "loose.txt"), `loose ${last}`);
    const stop = async (): Promise<never> => {
      throw new Error(`killed before ${last}`);
    };
    const { files, git } = rig.host;
    const host = {
      ...rig.host,
      files: { ...files, ...(last in files ? { [last]: stop } : {}) },
      git: { ...git, ...(last in git ? { [last]: stop } : {}) },
    };
    const before = rescuesOf(rig).length;
    await expect(undoTree(host, rig.home, { ...place(rig), key, baseCommit: rig.start })).rejects.toThrow("killed");
    await undo(rig);
    await emptyTrash(afterDeath(rig.host), rig.home);
    expectNothingLeft(rig);
    expect(rescuesOf(rig)).toHaveLength(before + 1);
  }
});

/** The host as a later process sees it, to which this one is dead. */
const afterDeath = (host: Host): Host => ({ ...host, processes: { ...host.processes, alive: () => false } });

test("what a living process is deleting is left to it", async () => {
  using rig = testRepository();
  const { trash } = homePaths(rig.home);
  const { pid, startTime } = rig.host.machine;
  mkdirSync(join(trash, `${pid}.${startTime}.ab`), { recursive: true });
  mkdirSync(join(trash, `${pid}.0.cd`));
  mkdirSync(join(trash, "from before"));
  expect(await emptyTrash(rig.host, rig.home)).toEqual({ ok: true, value: 2 });
  expect(readdirSync(trash)).toEqual([`${pid}.${startTime}.ab`]);
});

test("locks that a killed git left in a tree go, those of the repository stay", async () => {
  using rig = testRepository();
  await add(rig);
  await fill(rig);
  const { path, repository } = place(rig);
  const own = rig.git(path, "rev-parse", "--absolute-git-dir");
  const common = join(rig.root, ".git");
  const stale = [join(own, "index.lock"), join(own, "HEAD.lock"), join(common, "refs", "heads", `${branch}.lock`)];
  const others = [join(common, "config.lock"), join(common, "index.lock")];
  for (const lock of [...stale, ...others]) writeFileSync(lock, "");
  await removeStaleLocks(rig.host, { repository, tree: path });
  expect(stale.filter((lock) => existsSync(lock))).toEqual([]);
  expect(others.filter((lock) => existsSync(lock))).toEqual(others);
  rig.commit(path, { "work.txt": "work\n" });
});

test("a refused add, and what stood in its way, are never undone", async () => {
  using rig = testRepository();
  rig.git(rig.root, "branch", branch);
  expect(await addTree(rig.host, rig.home, { ...place(rig), commit: rig.start })).toMatchObject({ ok: false });
  expect(await undo(rig)).toEqual({ rescue: null, notes: [] });
  expect(rig.git(rig.root, "rev-parse", branch)).toBe(rig.start);
  rig.git(rig.root, "branch", "-D", branch);
  await add(rig);
  await fill(rig);
  expect(await addTree(rig.host, rig.home, { ...place(rig), commit: rig.start })).toMatchObject({
    ok: false,
    error: { reason: "path-taken" },
  });
  expect(await undo(rig)).toEqual({ rescue: null, notes: [] });
  expect(rig.read(join(place(rig).path, "README.md"))).toBe("start\n");
});

test("a folder of the user's that took the place of the tree stays; so does one whose record in git is gone, renamed", async () => {
  using rig = testRepository();
  const { path } = place(rig);
  await add(rig);
  rmSync(path, { recursive: true });
  rig.write(join(path, "mine.txt"), "mine");
  const foreign = await undo(rig);
  expect(foreign).toEqual({ rescue: null, notes: [`${path} is no worktree of this repository and stays as it is`] });
  expect(rig.read(join(path, "mine.txt"))).toBe("mine");
  expect(rig.git(rig.root, "branch", "--list", branch)).toBe("");
  rmSync(path, { recursive: true });
  rig.git(rig.root, "worktree", "prune");

  await add(rig);
  await fill(rig);
  rig.write(join(path, "work.txt"), "work");
  rmSync(join(rig.root, ".git", "worktrees", "stage-1"), { recursive: true });
  const orphan = await undo(rig);
  expect(orphan.notes[0]).toContain("is kept beside it");
  expect(existsSync(path)).toBe(false);
  const folder = readdirSync(dirname(path)).find((name) => name.startsWith("stage-1-kept-"));
  expect(rig.read(join(dirname(path), folder ?? "", "work.txt"))).toBe("work");
});

test("a branch that another tree has checked out, or that was there before, stays", async () => {
  using rig = testRepository();
  await add(rig);
  rmSync(place(rig).path, { recursive: true });
  rig.git(rig.root, "worktree", "prune");
  const other = join(rig.folder, "other");
  rig.git(rig.root, "worktree", "add", "--quiet", other, branch);
  expect((await undo(rig)).notes).toEqual([`the branch ${branch} is checked out in ${other} and stays`]);
  expect(rig.git(other, "symbolic-ref", "--short", "HEAD")).toBe(branch);
  rig.git(rig.root, "worktree", "remove", other);

  const head = rig.commit(rig.root, { "later.txt": "later\n" });
  rig.git(rig.root, "update-ref", `refs/heads/${branch}`, head);
  take(await addTree(rig.host, rig.home, { ...place(rig), commit: rig.start, newBranch: false }));
  await fill(rig);
  rig.write(join(place(rig).path, "loose.txt"), "loose");
  const { rescue } = await undo(rig, { newBranch: false });
  expect(rig.git(rig.root, "rev-parse", branch, `${rescue}^`).split("\n")).toEqual([head, head]);
  expect(existsSync(place(rig).path)).toBe(false);
});

test("trees of other people that are missing stay known", async () => {
  using rig = testRepository();
  const elsewhere = join(rig.folder, "usb stick");
  rig.git(rig.root, "worktree", "add", "--quiet", "--detach", elsewhere);
  renameSync(elsewhere, `${elsewhere} unplugged`);
  await add(rig);
  await undo(rig);
  renameSync(`${elsewhere} unplugged`, elsewhere);
  expect(rig.git(elsewhere, "status", "--porcelain")).toBe("");
});

test("works through a link to the home", async () => {
  using rig = testRepository();
  mkdirSync(join(rig.folder, "disk"));
  symlinkSync(join(rig.folder, "disk"), rig.home);
  await add(rig);
  await fill(rig);
  rmSync(place(rig).path, { recursive: true });
  await undo(rig);
  expectNothingLeft(rig);
});

test("rescueTree saves what is uncommitted and touches nothing; a clean tree gives null; twice the same gives one ref", async () => {
  using rig = testRepository();
  await add(rig);
  await fill(rig);
  const { path } = place(rig);
  const save = async () => take(await rescueTree(rig.host, { repository: rig.repository, tree: path, key }));
  expect(await save()).toBeNull();
  rig.write(join(path, "loose.txt"), "loose");
  rig.write(join(path, "src/app.js"), "two\n");
  const ref = await save();
  expect(await save()).toBe(ref);
  expect(kept(rig, ref, "loose.txt")).toBe("loose");
  expect(rig.git(path, "status", "--porcelain")).toBe("M src/app.js\n?? loose.txt");
  expect(rig.git(path, "rev-parse", "HEAD")).toBe(rig.start);
  rig.write(join(path, "loose.txt"), "looser");
  expect(await save()).not.toBe(ref);
});
