import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import { worktreePaths } from "../lifecycle/index.ts";
import { take } from "../model/index.ts";
import { type IntegrateAsk, integrate } from "./index.ts";

const key = { project: "shop", group: "q3", task: "cart" };
const run = "shop/q3/cart@implementation.stage-1#001";

type Scene = { rig: TestRepository; task: string; stage: string; ask: (more?: Partial<IntegrateAsk>) => IntegrateAsk };

/** A task tree and a stage tree from the same commit; the stage has one commit. */
function scene(rig: TestRepository, change: Readonly<Record<string, string>> = { "src/app.js": "two\n" }): Scene {
  const task = worktreePaths(rig.home, key).task;
  const stage = worktreePaths(rig.home, key).stage(1);
  rig.git(rig.root, "worktree", "add", "--quiet", "-b", "feat-cart", task);
  rig.git(rig.root, "worktree", "add", "--quiet", "-b", "feat-cart-s1", stage);
  const stageHead = rig.commit(stage, change, "stage work");
  const ask = (more: Partial<IntegrateAsk> = {}): IntegrateAsk => ({
    repository: rig.repository,
    taskTree: task,
    taskHead: rig.git(task, "rev-parse", "HEAD"),
    stageHead,
    message: "Merge stage 1: cart totals\n\nStage 1 of shop/q3/cart.",
    runTrailer: run,
    branch: "feat-cart",
    ...more,
  });
  return { rig, task, stage, ask };
}

const merge = async ({ rig }: Scene, ask: IntegrateAsk) => take(await integrate(rig.host, ask));
const stateOf = ({ rig, task }: Scene): string =>
  `${rig.git(task, "rev-parse", "HEAD")}\n${rig.git(task, "status", "--porcelain")}`;

test("merges with a commit that names stage and run, and finds that merge when asked again", async () => {
  using rig = testRepository();
  const now = scene(rig);
  const ask = now.ask();
  const first = await merge(now, ask);
  expect(first).toEqual({ state: "merged", commit: rig.git(now.task, "rev-parse", "feat-cart"), files: [], note: "" });
  expect(rig.git(now.task, "log", "-1", "--format=%P")).toBe(`${ask.taskHead} ${ask.stageHead}`);
  expect(rig.git(now.task, "log", "-1", "--format=%s|%(trailers:key=Okstra-Run,valueonly)")).toBe(
    `Merge stage 1: cart totals|${run}`,
  );
  expect(rig.read(join(now.task, "src/app.js"))).toBe("two\n");
  const again = { state: "merged", commit: first.commit, files: [], note: "" };
  expect(await merge(now, ask)).toEqual(again);
  rig.commit(now.task, { "other.txt": "x" });
  expect(await merge(now, ask)).toEqual(again);
  expect(await merge(now, now.ask())).toEqual(again);
  const more = now.ask({ stageHead: rig.commit(now.stage, { "more.txt": "more\n" }, "more stage work") });
  const second = await merge(now, more);
  expect(second).toMatchObject({ state: "merged", commit: rig.git(now.task, "rev-parse", "HEAD") });
  expect((await merge(now, more)).commit).toBe(second.commit);
});

test("a stage that is in the task branch already, by another's hand, is merged without a commit", async () => {
  using rig = testRepository();
  const now = scene(rig);
  rig.git(now.task, "merge", "--quiet", "--no-ff", "-m", "by hand", "feat-cart-s1");
  const before = stateOf(now);
  expect(await merge(now, now.ask())).toMatchObject({
    state: "merged",
    commit: null,
    note: "the task branch holds the stage already",
  });
  expect(await merge(now, now.ask({ stageHead: rig.start }))).toMatchObject({ state: "merged", commit: null });
  expect(stateOf(now)).toBe(before);
});

test("a task branch that moved since is not merged into; where it is now is told", async () => {
  using rig = testRepository();
  const now = scene(rig);
  const ask = now.ask();
  const moved = rig.commit(now.task, { "other.txt": "x" });
  expect(await merge(now, ask)).toMatchObject({ state: "moved", commit: moved });
  const conflicting = rig.commit(now.task, { "src/app.js": "three\n" });
  rig.git(now.task, "revert", "--no-edit", "HEAD");
  expect(await merge(now, { ...ask, taskHead: conflicting })).toMatchObject({ state: "moved" });
  const twice = now.ask();
  const { git } = rig.host;
  let probed = 0;
  const racing = {
    ...rig.host,
    git: {
      ...git,
      probeMerge: async (...given: Parameters<typeof git.probeMerge>) => {
        probed += 1;
        if (probed === 1) rig.commit(now.task, { "between.txt": "x" });
        return await git.probeMerge(...given);
      },
    },
  };
  expect(take(await integrate(racing, twice))).toMatchObject({
    state: "moved",
    commit: rig.git(now.task, "rev-parse", "HEAD"),
  });
  expect(await merge(now, now.ask())).toMatchObject({ state: "merged" });
});

test("a conflict names the files and touches nothing", async () => {
  using rig = testRepository();
  const now = scene(rig, { "src/app.js": "two\n", "neu ä.txt": "stage\n", "fine.txt": "fine\n" });
  rig.commit(now.task, { "src/app.js": "three\n", "neu ä.txt": "task\n" });
  const before = stateOf(now);
  expect(await merge(now, now.ask())).toEqual({
    state: "merge-conflict",
    commit: null,
    files: ["neu ä.txt", "src/app.js"],
    note: "2 files do not merge",
  });
  expect(stateOf(now)).toBe(before);
  expect(existsSync(join(now.task, "fine.txt"))).toBe(false);
});

test("a failing hook blocks the merge with what it says, and nothing stays half-way", async () => {
  using rig = testRepository();
  const now = scene(rig);
  for (const hook of ["pre-merge-commit", "commit-msg"]) {
    const path = join(rig.root, ".git", "hooks", hook);
    rig.write(path, `#!/bin/sh\necho "${hook}: tests are red" >&2\nexit 1\n`);
    chmodSync(path, 0o755);
    const before = stateOf(now);
    const result = await merge(now, now.ask());
    expect(result).toMatchObject({ state: "merge-blocked", commit: null });
    expect(result.note).toContain(`${hook}: tests are red`);
    expect(stateOf(now)).toBe(before);
    chmodSync(path, 0o644);
  }
  expect(await merge(now, now.ask())).toMatchObject({ state: "merged" });
});

test("local changes, untracked files in the way, another branch, a merge of someone else's: all block and stay", async () => {
  using rig = testRepository();
  const now = scene(rig, { "new.txt": "stage\n" });
  rig.write(join(now.task, "README.md"), "mine\n");
  expect(await merge(now, now.ask())).toMatchObject({ state: "merge-blocked", files: ["README.md"] });
  expect(rig.read(join(now.task, "README.md"))).toBe("mine\n");
  rig.git(now.task, "checkout", "--quiet", "README.md");
  rig.write(join(now.task, "new.txt"), "mine\n");
  expect(await merge(now, now.ask())).toMatchObject({ state: "merge-blocked" });
  expect(rig.read(join(now.task, "new.txt"))).toBe("mine\n");
  rig.git(now.task, "clean", "--quiet", "--force");
  rig.git(now.task, "switch", "--quiet", "-c", "elsewhere");
  expect((await merge(now, now.ask())).note).toContain("elsewhere checked out instead of feat-cart");
  const other = rig.commit(now.task, { "third.txt": "x" });
  rig.git(now.task, "switch", "--quiet", "feat-cart");
  rig.git(now.task, "merge", "--quiet", "--no-ff", "--no-commit", "elsewhere");
  const before = stateOf(now);
  expect((await merge(now, now.ask())).note).toContain(`a merge of ${other} is under way`);
  expect(stateOf(now)).toBe(before);
});

test("a merge of this stage left half-way is taken back, its state kept, and made", async () => {
  using rig = testRepository();
  const now = scene(rig);
  rig.git(now.task, "merge", "--quiet", "--no-ff", "--no-commit", "feat-cart-s1");
  rig.write(join(now.task, "src/app.js"), "settled by a person\n");
  const result = await merge(now, now.ask());
  expect(result.state).toBe("merged");
  expect(result.note).toContain("half-way merge was taken back");
  const ref = rig.git(rig.root, "for-each-ref", "--format=%(refname)", "refs/okstra/rescue/shop/q3/cart/");
  expect(rig.git(rig.root, "show", `${ref}:src/app.js`)).toBe("settled by a person");
  expect(rig.read(join(now.task, "src/app.js"))).toBe("two\n");
});

test("files that a merge wrote before git knew of it are taken back, their state kept; those of others stay", async () => {
  using rig = testRepository();
  const now = scene(rig, { "src/app.js": "two\n", "new/[a].txt": "stage\n", "README.md": "stage\n" });
  rig.write(join(now.task, "src/app.js"), "tw");
  rig.write(join(now.task, "new/[a].txt"), "");
  rig.write(join(now.task, "new/a.txt"), "mine\n");
  rig.git(now.task, "add", "src/app.js");
  expect(await merge(now, now.ask())).toMatchObject({ state: "merge-blocked" });
  const result = await merge(now, now.ask({ begun: true }));
  expect(result.state).toBe("merged");
  expect(result.note).toContain("a merge that did not end");
  const ref = rig.git(rig.root, "for-each-ref", "--format=%(refname)", "refs/okstra/rescue/shop/q3/cart/");
  expect(rig.git(rig.root, "show", `${ref}:src/app.js`)).toBe("tw");
  expect(rig.git(now.task, "status", "--porcelain")).toBe("?? new/a.txt");
  expect(rig.read(join(now.task, "src/app.js"))).toBe("two\n");
  rig.write(join(now.task, "src/other.js"), "mine\n");
  expect(await merge(now, now.ask({ begun: true }))).toMatchObject({ state: "merged", note: "" });
});
