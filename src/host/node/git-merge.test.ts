import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../../test/repository.ts";
import { startTimeOf } from "./process-table.ts";

/** A repository whose branch `side` changes src/app.js and adds a file; main goes on by `ours`. */
function diverged(ours: Readonly<Record<string, string>>): TestRepository & { side: string; main: string } {
  const repo = testRepository();
  repo.git(repo.root, "checkout", "-q", "-b", "side");
  const side = repo.commit(repo.root, { "src/app.js": "side\n", "side.txt": "side\n" }, "side");
  repo.git(repo.root, "checkout", "-q", "main");
  const main = repo.commit(repo.root, ours, "main");
  return { ...repo, side, main };
}

function hook(repo: TestRepository, name: string, script: string): void {
  const path = join(repo.root, ".git/hooks", name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}
const untouched = async (repo: TestRepository & { main: string }): Promise<void> => {
  expect(await repo.host.git.head(repo.root)).toEqual({ commit: repo.main, branch: "main" });
  expect(await repo.host.git.status(repo.root)).toEqual({ changed: [], untracked: [] });
  expect(await repo.host.git.abortMerge(repo.root)).toBe(false);
};

test("a clean merge is a merge commit even where it could be a fast forward, with message and trailers", async () => {
  using repo = testRepository();
  const { git } = repo.host;
  repo.git(repo.root, "checkout", "-q", "-b", "side");
  const side = repo.commit(repo.root, { "side.txt": "side\n" });
  repo.git(repo.root, "checkout", "-q", "main");
  repo.git(repo.root, "config", "merge.ff", "only");
  const probe = await git.probeMerge(repo.root, repo.start, side);
  const outcome = await git.merge(repo.root, side, "Merge stage 1\n\n# not a comment\n\nOkstra-Run: r7");
  expect(outcome.did).toBe("merged");
  const head = await git.head(repo.root);
  expect(outcome).toEqual({ did: "merged", commit: head?.commit });
  expect(await git.commit(repo.root, head?.commit ?? "")).toMatchObject({
    parents: [repo.start, side],
    subject: "Merge stage 1",
    body: "# not a comment\n\nOkstra-Run: r7",
    trailers: { "okstra-run": ["r7"] },
  });
  expect(probe).toEqual({
    clean: true,
    tree: await git.plain(repo.root, "rev-parse", "HEAD^{tree}").then((text) => text.trim()),
  });
  expect(repo.git(repo.root, "log", "-1", "--format=%an %ce")).toBe("okstra okstra@localhost");
  expect(await git.merge(repo.root, side, "again")).toEqual({ did: "nothing", commit: head?.commit });
});

test("a conflict is listed by probe and merge alike, and leaves nothing behind", async () => {
  using repo = diverged({ "src/app.js": "main\n", "side.txt": "main\n" });
  const { git } = repo.host;
  const files = ["side.txt", "src/app.js"];
  expect(await git.probeMerge(repo.root, repo.main, repo.side)).toEqual({ clean: false, files });
  expect(await git.merge(repo.root, repo.side, "merge")).toEqual({ did: "conflict", files });
  await untouched(repo);
});

test.each([
  ["pre-merge-commit", "echo no merges on mondays >&2; exit 1"],
  ["commit-msg", "echo no merges on mondays; exit 1"],
  ["prepare-commit-msg", "echo no merges on mondays >&2; exit 1"],
  ["pre-merge-commit", "echo no merges on mondays >&2; echo garbage >> src/app.js; exit 1"],
])("a failing %s hook refuses with its message, and the tree is as before", async (name, script) => {
  using repo = diverged({ "main.txt": "main\n" });
  hook(repo, name, script);
  const outcome = await repo.host.git.merge(repo.root, repo.side, "merge");
  expect(outcome).toEqual({ did: "refused", message: expect.stringContaining("no merges on mondays") });
  await untouched(repo);
});

test("hooks run as in any merge, and what one leaves in the background ends with it", async () => {
  using repo = diverged({ "main.txt": "main\n" });
  hook(repo, "post-merge", `sleep 60 & echo $! > '${join(repo.folder, "hooked")}'; exit 1`);
  expect((await repo.host.git.merge(repo.root, repo.side, "merge")).did).toBe("merged");
  const left = Number(repo.read(join(repo.folder, "hooked")));
  expect(left).toBeGreaterThan(0);
  // It was told to end; the system may take a moment.
  const startTime = startTimeOf(left);
  const ended = startTime === undefined || repo.host.processes.awaitEnd([{ pid: left, startTime }], 30_000);
  expect(await ended).toBe(true);
});

test("git killed after the commit has merged; killed before it, nothing has happened", async () => {
  using late = diverged({ "main.txt": "main\n" });
  hook(late, "post-merge", "kill -KILL $PPID");
  expect((await late.host.git.merge(late.root, late.side, "merge")).did).toBe("merged");
  expect(await late.host.git.status(late.root)).toEqual({ changed: [], untracked: [] });
  using early = diverged({ "main.txt": "main\n" });
  hook(early, "pre-merge-commit", "kill -KILL $PPID");
  expect((await early.host.git.merge(early.root, early.side, "merge")).did).toBe("refused");
  await untouched(early);
});

test("what would be overwritten is refused, and the user's changes stay", async () => {
  using repo = diverged({ "main.txt": "main\n" });
  const { git } = repo.host;
  repo.write("src/app.js", "mine\n");
  repo.write("README.md", "mine too\n");
  const outcome = await git.merge(repo.root, repo.side, "merge");
  expect(outcome).toEqual({ did: "refused", message: expect.stringContaining("src/app.js") });
  expect(await git.status(repo.root)).toEqual({ changed: ["README.md", "src/app.js"], untracked: [] });
  expect(repo.read(join(repo.root, "src/app.js"))).toBe("mine\n");
});

test("a merge left half-way is aborted", async () => {
  using repo = diverged({ "src/app.js": "main\n" });
  expect(() => repo.git(repo.root, "merge", repo.side)).toThrow();
  expect(await repo.host.git.abortMerge(repo.root)).toBe(true);
  await untouched(repo);
});
