import { chmodSync, mkdirSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import { take } from "../model/index.ts";
import { compareTrees, refsMoved, restoreTree, treeState } from "./index.ts";

const own = ["refs/heads/fix-cart"];

async function scene(rig: TestRepository) {
  const tree = join(rig.folder, "tree");
  rig.git(rig.root, "worktree", "add", "--quiet", "-b", "fix-cart", tree);
  const look = async () => take(await treeState(rig.host, tree, own));
  const evidencePath = join(rig.folder, "violation.patch");
  const before = JSON.parse(JSON.stringify(await look()));
  const restore = async () => take(await restoreTree(rig.host, { tree, before, evidencePath }));
  const plain = () => `${rig.git(tree, "status", "--porcelain", "--branch")}\n${rig.git(tree, "rev-parse", "HEAD")}`;
  return { tree, look, before, restore, evidencePath, plain, was: plain() };
}

test("nothing done, nothing different; looking changes nothing", async () => {
  using rig = testRepository();
  const { before, look, plain, was } = await scene(rig);
  expect(compareTrees(before, await look())).toEqual([]);
  expect(plain()).toBe(was);
});

test("ignored files and .okstra are not looked at", async () => {
  using rig = testRepository(["cache/"]);
  const { tree, before, look } = await scene(rig);
  rig.write(join(tree, "cache/x"), "1");
  rig.write(join(tree, ".okstra/x"), "1");
  expect(compareTrees(before, await look())).toEqual([]);
});

const deeds: Record<string, (rig: TestRepository, tree: string) => void> = {
  "edits a file": (rig, tree) => rig.write(join(tree, "src/app.js"), "hacked\n"),
  "adds a file in a new folder": (rig, tree) => rig.write(join(tree, "new/deep/file.txt"), "x"),
  "deletes a file": (_, tree) => unlinkSync(join(tree, "src/app.js")),
  "makes a file executable": (_, tree) => chmodSync(join(tree, "src/app.js"), 0o755),
  "replaces a file by a folder": (rig, tree) => {
    unlinkSync(join(tree, "README.md"));
    rig.write(join(tree, "README.md/inside"), "x");
  },
  "replaces a folder by a link": (_, tree) => {
    rmSync(join(tree, "src"), { recursive: true });
    symlinkSync("/", join(tree, "src"));
  },
  "stages a change": (rig, tree) => {
    rig.write(join(tree, "src/app.js"), "staged\n");
    rig.git(tree, "add", "--all");
    rig.write(join(tree, "src/app.js"), "one\n");
  },
  commits: (rig, tree) => void rig.commit(tree, { "src/app.js": "committed\n", "extra.txt": "x" }),
  "commits on another branch": (rig, tree) => {
    rig.git(tree, "checkout", "--quiet", "-b", "elsewhere");
    rig.commit(tree, { "src/app.js": "elsewhere\n" });
  },
  "detaches HEAD": (rig, tree) => void rig.git(tree, "checkout", "--quiet", "--detach"),
  "rewrites history": (rig, tree) => void rig.git(tree, "commit", "--quiet", "--amend", "--allow-empty", "-m", "other"),
  "hides a file by .gitignore": (rig, tree) => {
    rig.write(join(tree, ".gitignore"), "hidden.txt\n");
    rig.write(join(tree, "hidden.txt"), "x");
  },
  "deletes the worktree": (_, tree) => rmSync(tree, { recursive: true }),
};
for (const [deed, act] of Object.entries(deeds)) {
  test(`an agent that ${deed} is seen, kept as evidence and undone`, async () => {
    using rig = testRepository();
    const { tree, look, before, restore, evidencePath, plain, was } = await scene(rig);
    act(rig, tree);
    const after = await look();
    expect(compareTrees(before, after)).not.toEqual([]);
    const restored = await restore();
    expect(restored.left).toEqual([]);
    expect(plain()).toBe(was);
    expect(rig.read(join(tree, "src/app.js"))).toBe("one\n");
    if (after.pointer !== null) {
      const [ref = ""] = restored.refs;
      expect(rig.git(rig.root, "rev-parse", `${ref}^{tree}`)).toBe(after.snapshot);
      expect(rig.git(rig.root, "merge-base", "--is-ancestor", after.head ?? "", ref)).toBe("");
      expect(rig.read(evidencePath)).toContain(`# all of it is kept at ${ref}`);
    }
    const again = await restore();
    expect(again).toEqual({ refs: [], left: [] });
  });
}

test("what was uncommitted before stays as it was", async () => {
  using rig = testRepository();
  const { tree } = await scene(rig);
  rig.write(join(tree, "mine.txt"), "untracked\n");
  rig.write(join(tree, "src/app.js"), "edited\n");
  rig.write(join(tree, "staged.txt"), "staged\n");
  rig.git(tree, "add", "staged.txt");
  const status = rig.git(tree, "status", "--porcelain");
  const before = take(await treeState(rig.host, tree, own));
  rig.commit(tree, { "src/app.js": "theirs\n", "mine.txt": "theirs\n" });
  rmSync(join(tree, "staged.txt"));
  expect(take(await restoreTree(rig.host, { tree, before, evidencePath: join(rig.folder, "e") })).left).toEqual([]);
  expect(rig.git(tree, "status", "--porcelain")).toBe(status);
  expect(rig.read(join(tree, "mine.txt"))).toBe("untracked\n");
  expect(rig.read(join(tree, "src/app.js"))).toBe("edited\n");
});

test("the patch shows the change, the ref holds binary files too", async () => {
  using rig = testRepository();
  const { tree, restore, evidencePath } = await scene(rig);
  rig.write(join(tree, "src/app.js"), "hacked\n");
  rig.write(join(tree, "a.bin"), "\0\0\0");
  const { refs } = await restore();
  expect(rig.read(evidencePath)).toContain("-one\n+hacked\n");
  expect(rig.git(rig.root, "cat-file", "-s", `${refs[0]}:a.bin`)).toBe("3");
});

test("refs of others are listed, not counted, and never put back", async () => {
  using rig = testRepository();
  const { before, look, restore } = await scene(rig);
  const moved = rig.commit(rig.root, { x: "1" });
  rig.git(rig.root, "branch", "fix-cart-s1");
  const after = await look();
  expect(compareTrees(before, after)).toEqual([]);
  expect(refsMoved(before.others, after.others)).toEqual([
    { ref: "refs/heads/fix-cart-s1", from: null, to: moved },
    { ref: "refs/heads/main", from: rig.start, to: moved },
  ]);
  await restore();
  expect(rig.git(rig.root, "rev-parse", "main")).toBe(moved);
});

test("an own ref that is not checked out is a difference and stays named", async () => {
  using rig = testRepository();
  const { tree } = await scene(rig);
  const look = async () => take(await treeState(rig.host, tree, ["refs/heads/fix-cart", "refs/heads/also"]));
  const before = await look();
  rig.git(rig.root, "branch", "also");
  expect(compareTrees(before, await look())).toEqual([`refs/heads/also was made at ${rig.start.slice(0, 12)}`]);
});

test("a main worktree works the same", async () => {
  using rig = testRepository();
  mkdirSync(join(rig.root, "empty"));
  const before = take(await treeState(rig.host, rig.root, []));
  rig.write("src/app.js", "hacked\n");
  expect(compareTrees(before, take(await treeState(rig.host, rig.root, [])))).toEqual(["files were changed"]);
  expect(
    take(await restoreTree(rig.host, { tree: rig.root, before, evidencePath: join(rig.folder, "e") })).left,
  ).toEqual([]);
  expect(rig.read(join(rig.root, "src/app.js"))).toBe("one\n");
});
