/** What is read without git equals what git says; where it could differ, git is asked. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../../test/repository.ts";
import { gitFolders, plainHead } from "./git-layout.ts";

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
