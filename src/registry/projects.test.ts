import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../../test/folder.ts";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import { homePaths, projectPaths, worktreePaths } from "../lifecycle/index.ts";
import { take } from "../model/index.ts";
import { findProject, projectIdAt, projectRootOf, registerProject } from "./index.ts";

type Rig = Pick<TestRepository, "host" | "home">;

const mark = (root: string, projectId = "Shop"): void => {
  mkdirSync(projectPaths(root).folder, { recursive: true });
  writeFileSync(projectPaths(root).project, JSON.stringify({ schemaVersion: 1, projectId, projectRoot: "." }));
};
const folderOf = (...parts: string[]): string => {
  const folder = join(...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
};
const find = async (rig: Rig, cwd: string) => take(await findProject(rig.host, rig.home, cwd));
const register = async (rig: Rig, projectRoot: string, projectId = "Shop") =>
  take(await registerProject(rig.host, rig.home, { projectId, projectRoot }));

test("walking up, past a bare .okstra, through links; nothing found is undefined", async () => {
  using rig = testFolder();
  const deep = folderOf(rig.root, "src", "deep");
  folderOf(rig.root, "src", ".okstra");
  expect(await find(rig, deep)).toBeUndefined();
  mark(rig.root);
  const shop = { projectId: "Shop", projectRoot: rig.root };
  expect(await find(rig, deep)).toEqual(shop);
  expect(await find(rig, rig.root)).toEqual(shop);
  symlinkSync(deep, join(rig.folder, "way in"));
  expect(await find(rig, join(rig.folder, "way in"))).toEqual(shop);
  await register(rig, rig.root);
  expect(await find(rig, deep)).toEqual(shop);
  expect(await find(rig, rig.folder)).toBeUndefined();
});

test("registered again, moved, gone, and taken by another", async () => {
  using rig = testFolder();
  const { host, home } = rig;
  expect(take(await projectRootOf(host, home, "Shop"))).toBeUndefined();
  mark(rig.root);
  await register(rig, rig.root);
  const written = readFileSync(homePaths(home).projectMeta("Shop"), "utf8");
  await register(rig, `${rig.root}/`);
  expect(readFileSync(homePaths(home).projectMeta("Shop"), "utf8")).toBe(written);
  expect(take(await projectRootOf(host, home, "shop"))).toBe(rig.root);
  expect(take(await projectIdAt(host, home, `${rig.root}/`))).toBe("Shop");
  expect(take(await projectIdAt(host, home, rig.folder))).toBeUndefined();

  const other = folderOf(rig.folder, "other");
  mark(other, "SHOP");
  const refused = await registerProject(host, home, { projectId: "SHOP", projectRoot: other });
  expect(refused).toMatchObject({ ok: false, error: { reason: "segment-taken" } });
  for (const part of ["SHOP", other, "Shop", rig.root]) expect(refused.ok ? "" : refused.error.message).toContain(part);
  expect(await findProject(host, home, other)).toMatchObject({ ok: false, error: { reason: "segment-taken" } });
  expect(take(await projectRootOf(host, home, "Shop"))).toBe(rig.root);

  const moved = join(rig.folder, "moved");
  renameSync(rig.root, moved);
  expect(await projectRootOf(host, home, "Shop")).toMatchObject({ ok: false, error: { reason: "not-a-project" } });
  expect(await find(rig, moved)).toEqual({ projectId: "Shop", projectRoot: moved });
  await register(rig, moved);
  expect(take(await projectRootOf(host, home, "Shop"))).toBe(moved);
  mark(moved, "Renamed");
  await register(rig, other, "SHOP");
  expect(take(await projectRootOf(host, home, "Shop"))).toBe(other);
});

test("a project under a name that okstra uses itself is refused, registered or only written down", async () => {
  using rig = testFolder();
  for (const id of ["registry.json", "Registry.JSON", "slot-0"]) {
    const refused = await registerProject(rig.host, rig.home, { projectId: id, projectRoot: rig.root });
    expect(refused).toMatchObject({ ok: false, error: { reason: "segment-taken" } });
    mark(rig.root, id);
    expect(await findProject(rig.host, rig.home, rig.root)).toMatchObject({ ok: false });
  }
  expect(await rig.host.files.look(homePaths(rig.home).projects)).toBeUndefined();
  mark(rig.root, "slot-a");
  expect((await find(rig, rig.root))?.projectId).toBe("slot-a");
});

test("a project.json that cannot be read names the file", async () => {
  using rig = testFolder();
  mark(rig.root);
  for (const text of ["", "{", "[]", "null", '{"projectId":3}', '{"projectId":""}']) {
    writeFileSync(projectPaths(rig.root).project, text);
    const refused = await findProject(rig.host, rig.home, rig.root);
    expect(refused).toMatchObject({ ok: false, error: { reason: "config-unreadable" } });
    expect(refused.ok ? "" : refused.error.message).toContain(projectPaths(rig.root).project);
  }
});

test("worktrees, of the user and in the home, belong to the project even when project.json is committed", async () => {
  using rig = testRepository();
  const { host, home } = rig;
  const shop = { projectId: "Shop", projectRoot: rig.root };
  const beside = join(rig.folder, "beside");
  rig.git(rig.root, "worktree", "add", "--quiet", "-b", "beside", beside);
  mark(rig.root);
  expect(await find(rig, folderOf(beside, "src"))).toEqual(shop);
  await register(rig, rig.root);
  expect(await find(rig, join(beside, "src"))).toEqual(shop);

  rig.commit(rig.root, { ".okstra/project.json": readFileSync(projectPaths(rig.root).project, "utf8") });
  rig.git(beside, "merge", "--quiet", "main");
  expect(await find(rig, join(beside, "src"))).toEqual(shop);

  const tree = worktreePaths(home, { project: "Shop", group: "Q3", task: "Cart" }).stage(1);
  rig.git(rig.root, "worktree", "add", "--quiet", "-b", "stage", tree);
  expect(await find(rig, join(tree, "src"))).toEqual(shop);
  rmSync(homePaths(home).projectMeta("Shop"));
  expect(await find(rig, tree)).toBeUndefined();
  expect(await find(rig, rig.root)).toEqual(shop);

  await register(rig, rig.root);
  const clone = join(rig.folder, "clone");
  rig.git(rig.folder, "clone", "--quiet", rig.root, clone);
  const refused = await findProject(host, home, clone);
  expect(refused).toMatchObject({ ok: false, error: { reason: "segment-taken" } });
  for (const part of [clone, rig.root]) expect(refused.ok ? "" : refused.error.message).toContain(part);
});
