import { expect, test } from "vitest";
import { namedGitFolder } from "./git-pointer.ts";

test("a relative folder lies beside the worktree's files; spaces and line breaks in a name are part of it", () => {
  expect(namedGitFolder("/a/tree", "gitdir: ../main/.git/worktrees/tree\n")).toBe("/a/main/.git/worktrees/tree");
  expect(namedGitFolder("/a/tree", "gitdir: /b/git \n")).toBe("/b/git ");
  expect(namedGitFolder("/a/tree", "gitdir: /b/g\nit\r\n")).toBe("/b/g\nit");
});

test("anything else names nothing", () => {
  for (const text of [undefined, "", "gitdir: \n", "gitdir:/b\n", " gitdir: /b\n", "ref: refs/heads/main\n"])
    expect(namedGitFolder("/a", text)).toBeUndefined();
});
