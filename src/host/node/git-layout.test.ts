/** What is read without git equals what git says; where it could differ, git is asked. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../../test/repository.ts";
import { gitFolders, plainBranch, plainHead, plainlyFree, plainlyNotMerging } from "./git-layout.ts";

const asGitSays = (repo: TestRepository, tree: string) => {
  const branch = repo.git(tree, "rev-parse", "--symbolic-full-name", "HEAD").replace(/^refs\/heads\//, "");
  return { commit: repo.git(tree, "rev-parse", "HEAD"), branch: branch === "HEAD" ? null : branch };
};

test("HEAD of main and linked trees: on branches of all kinds, packed, detached", () => {
  using repo = testRepository();
  const linked = join(repo.folder, "linked tree");
  repo.git(repo.root, "worktree", "add", "-q", "-b", "feature/한글-1.2", linked);
  repo.commit(linked, { "b.txt": "b\n" });
  expect(gitFolders(linked)).toEqual({
    own: repo.git(linked, "rev-parse", "--path-format=absolute", "--git-dir"),
    common: repo.git(linked, "rev-parse", "--path-format=absolute", "--git-common-dir"),
  });
  const both = [repo.root, linked];
  const steps = [
    () => repo.git(repo.root, "pack-refs", "--all"),
    () => repo.commit(linked, { "c.txt": "c\n" }),
    () => repo.git(linked, "checkout", "-q", "--detach"),
    () => repo.git(repo.root, "pack-refs", "--all"),
  ];
  for (const step of [() => "", ...steps]) {
    step();
    for (const tree of both) expect(plainHead(tree)).toEqual(asGitSays(repo, tree));
  }
});

test("what is not plain is left to git", async () => {
  using repo = testRepository();
  const empty = join(repo.folder, "empty");
  repo.git(repo.folder, "init", "-q", empty);
  expect(plainHead(empty)).toBeUndefined();
  expect(plainHead(repo.folder)).toBeUndefined();
  mkdirSync(join(repo.root, "sub"));
  expect(plainHead(join(repo.root, "sub"))).toBeUndefined();
  expect(await repo.host.git.head(join(repo.root, "sub"))).toEqual(asGitSays(repo, repo.root));
  // A branch that is another name of a branch.
  repo.git(repo.root, "branch", "real");
  repo.git(repo.root, "symbolic-ref", "refs/heads/alias", "refs/heads/real");
  repo.git(repo.root, "symbolic-ref", "HEAD", "refs/heads/alias");
  expect(plainHead(repo.root)).toBeUndefined();
  expect(await repo.host.git.head(repo.root)).toMatchObject({ commit: repo.start });
  for (const head of ["ref: refs/heads/../../config\n", "ref: refs/heads/.invalid\n", "rubbish\n", "", "\0\n"]) {
    writeFileSync(join(repo.root, ".git/HEAD"), head);
    expect(plainHead(repo.root), head).toBeUndefined();
  }
});

test("that no merge is under way is plain to see, one that is under way git tells", async () => {
  using repo = testRepository();
  const linked = join(repo.folder, "linked tree");
  repo.git(repo.root, "worktree", "add", "-q", "-b", "topic", linked);
  const topic = repo.commit(linked, { "topic.txt": "topic\n" });
  repo.commit(repo.root, { "main.txt": "main\n" });
  repo.git(repo.root, "merge", "-q", "--no-commit", "topic");
  expect([plainlyNotMerging(repo.root), plainlyNotMerging(linked)]).toEqual([false, true]);
  expect(plainlyNotMerging(join(repo.root, "src"))).toBe(false);
  expect(await repo.host.git.resolve(repo.root, "MERGE_HEAD")).toBe(topic);
  expect(await repo.host.git.resolve(linked, "MERGE_HEAD")).toBeUndefined();
});

test("a branch: its commit loose or packed, that there is none, and that nothing is in the way of a new one", async () => {
  using repo = testRepository();
  const { git } = repo.host;
  const linked = join(repo.folder, "linked tree");
  repo.git(repo.root, "worktree", "add", "-q", "-b", "topic/한글-1.2", linked);
  repo.git(repo.root, "branch", "gone/deep");
  repo.git(repo.root, "branch", "-D", "gone/deep");
  const later = repo.commit(linked, { "b.txt": "b\n" });
  for (const step of [() => "", () => repo.git(repo.root, "pack-refs", "--all")]) {
    step();
    for (const at of [repo.root, linked, join(repo.root, ".git")]) {
      expect(plainBranch(at, "main")).toBe(repo.start);
      expect(plainBranch(at, "topic/한글-1.2")).toBe(later);
      for (const none of ["mai", "main2", "topic", "other/deep", "한글-1.2"])
        expect([none, plainBranch(at, none) ?? null]).toEqual([none, null]);
      expect(
        ["main", "topic", "topic/한글-1.2", "mai", "main2", "other/deep"].map((name) => plainlyFree(at, name)),
      ).toEqual([false, false, false, true, true, true]);
      for (const name of ["main", "topic/한글-1.2", "mai", "topic"]) {
        const asked = (await git.refs(at, `refs/heads/${name}`)).map(({ ref, commit }) => [ref, commit].join(" "));
        expect(asked.join("\n")).toBe(
          repo.git(repo.root, "for-each-ref", "--format=%(refname) %(objectname)", `refs/heads/${name}`),
        );
      }
    }
  }
  expect(plainBranch(repo.root, "main")).toBe(await git.resolve(repo.root, "refs/heads/main^{commit}"));
  expect(await git.resolve(repo.root, "refs/heads/mai")).toBeUndefined();
});

test("branches that are not plain are left to git", async () => {
  using repo = testRepository();
  const { git } = repo.host;
  repo.git(repo.root, "symbolic-ref", "refs/heads/alias", "refs/heads/main");
  expect(plainBranch(repo.root, "alias")).toBeUndefined();
  expect(await git.resolve(repo.root, "refs/heads/alias")).toBe(repo.start);
  const names = ["main@{0}", "main~0", "main^0", "../../HEAD", "main.lock", "main/", "", "a b", ".hidden"];
  for (const name of names) expect([name, plainBranch(repo.root, name)]).toEqual([name, undefined]);
  expect(await git.resolve(repo.root, "refs/heads/main@{0}")).toBe(repo.start);
  expect(plainBranch(repo.folder, "main")).toBeUndefined();
  await expect(git.resolve(repo.folder, "refs/heads/main")).rejects.toMatchObject({
    failure: { reason: "git-failed" },
  });
  // Refs that are kept in another kind of store have no files.
  mkdirSync(join(repo.root, ".git/reftable"));
  expect([plainBranch(repo.root, "none"), plainlyFree(repo.root, "none")]).toEqual([undefined, false]);
});

test("what is known of a repository is forgotten when the tree's .git is another", async () => {
  using repo = testRepository();
  const { git } = repo.host;
  const tree = join(repo.folder, "tree");
  repo.git(repo.root, "worktree", "add", "-q", "--detach", tree);
  expect(await git.repository(tree)).toEqual({ ...repo.repository, root: tree, linked: true });
  rmSync(join(tree, ".git"));
  expect(await git.repository(tree)).toBeUndefined();
  repo.git(tree, "init", "-q");
  expect(await git.repository(tree)).toMatchObject({ mainRoot: tree, linked: false });
  rmSync(join(tree, ".git"), { recursive: true });
  writeFileSync(join(tree, ".git"), "gitdir: /nowhere\n");
  await expect(git.repository(tree)).rejects.toMatchObject({ failure: { reason: "git-failed" } });
});
